#!/bin/sh
# Every option and command of sotto(1) is known to the three shells, and bash
# can read its file.  Silent if all is well.
set -eu
bad=0
words=$(sed -n '/^static const char help/,/^$/p' src/sotto/main.c |
    grep -oE '(--[a-z]+[a-z-]*(=never)?|sotto \[options\] [a-z]+)' |
    sed 's/.* //' | sort -u)
for w in $words; do
	for f in src/completions/sotto.bash src/completions/_sotto \
	    src/completions/sotto.fish; do
		case $f in
		*fish) key=${w#--} ;;
		*) key=$w ;;
		esac
		grep -qF -e "$key" "$f" || {
			echo "$f does not know $w"
			bad=1
		}
	done
done
bash -n src/completions/sotto.bash || bad=1
# What bash offers after "sotto send bob --wait ".
out=$(bash -c '. src/completions/sotto.bash
	COMP_WORDS=(sotto send bob --wait "") COMP_CWORD=4
	_sotto; echo "${COMPREPLY[*]}"')
[ "$out" = "here server delivered read" ] || {
	echo "bash offers '$out' behind --wait"
	bad=1
}
exit $bad
