# bash completion for sotto
_sotto() {
	local cur prev words cword i what=
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		send | tail | contacts | history | export | doctor)
			what=${COMP_WORDS[i]}
			;;
		esac
	done
	case $prev in
	--invite | --config | --log | --passphrase-file | --backup | --restore)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--wait)
		COMPREPLY=($(compgen -W 'here server delivered read' -- "$cur"))
		return
		;;
	--profile)
		COMPREPLY=($(compgen -W "$(command ls \
			"${XDG_DATA_HOME:-$HOME/.local/share}/sotto" 2>/dev/null)" \
			-- "$cur"))
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W '--invite --plain --profile --config
			--passphrase-file --log --ascii --color=never
			--new-passphrase --backup --restore --insecure-memory
			--wait --timeout --json --help --version' -- "$cur"))
	elif [[ -z $what ]]; then
		COMPREPLY=($(compgen -W 'send tail contacts history export
			doctor' -- "$cur"))
	elif [[ $what == export ]]; then
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -F _sotto sotto
