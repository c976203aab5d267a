#!/bin/sh
# make demo: a relay, two companions, and the client as a new user - all in one
# private folder that is gone afterwards, whatever happens.
#
#	BUILD     where the programs are
#	TMPDIR    where the private folder is made
set -eu

build=$(cd "${BUILD:-build}" && pwd)
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/sotto-demo.XXXXXX")
pids=

clean() {
	trap '' INT TERM HUP
	for p in $pids; do
		kill "$p" 2>/dev/null || :
	done
	for p in $pids; do
		wait "$p" 2>/dev/null || :
	done
	rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

die() {
	echo "demo: $1" >&2
	exit 1
}

# wait_for FILE TEXT: until a line of FILE has TEXT, at most two minutes: a small
# board takes ten seconds for one RSA key, and the relay makes three.
wait_for() {
	n=0
	until grep -q "$2" "$1" 2>/dev/null; do
		n=$((n + 1))
		[ $n -le 2400 ] || die "this took too long; $1 says:
$(cat "$1" 2>/dev/null)"
		sleep 0.05
	done
}

[ -t 0 ] && [ -t 1 ] || die "the client wants a terminal: run make demo in one"

HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_DATA_HOME=$dir/data
XDG_STATE_HOME=$dir/state
export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME

echo "demo: a relay on this computer only, with keys made for this demo"
relay="$build/sottod --insecure-memory --state $dir/relay --listen 127.0.0.1 --name localhost"
$relay --port 0 >"$dir/relay.out" 2>"$dir/relay.log" &
pids="$pids $!"
wait_for "$dir/relay.out" '^ *sotto:'
line=$(sed -n 's/^ *\(sotto:.*\)$/\1/p' "$dir/relay.out" | head -n 1)
port=$(printf '%s' "$line" | sed 's/^sotto:[^:]*:\([0-9]*\).*/\1/')
for who in ann ben you; do
	$relay --port "$port" invite --label "$who" >"$dir/$who.invite" ||
		die "the relay made no invite"
done

companion() {
	who=$1
	shift
	"$build/tests/tools/companion" --home "$dir/$who" --name "$who" \
		--invite "$dir/$who.invite" "$@" >"$dir/$who.out" 2>&1 &
	pids="$pids $!"
}
# Both make their keys at the same time, and nobody knows who is in first.
echo "demo: ann, who accepts chats and answers"
companion ann
echo "demo: ben, who will ask you for a chat"
companion ben --ask newcomer --except ann --after 4 \
	--say 'Hello! I asked you. F8 shows how our keys came about.'
wait_for "$dir/ann.out" '^link 4'
wait_for "$dir/ben.out" '^link 4'

status=0
"$build/sotto" --insecure-memory --invite "$dir/you.invite" "$@" || status=$?
echo "demo: over; the relay, both companions and all their keys are gone"
exit $status
