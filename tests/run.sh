#!/bin/sh
# run.sh program... - run test programs, as many at a time as there are cores,
# and close with "N passed, N failed".  Programs speak TAP; a script (*.sh)
# passes or fails as a whole.  RUN is put in front of each program (valgrind).
set -u

BUILD=${BUILD:-build}
logs=$BUILD/test-logs
if [ "${1:-}" = --one ]; then
	name=$(echo "${2#"$BUILD"/}" | tr / .)
	log=$logs/$name
	case $2 in
	*.sh) set -- "$2" sh "$2" ;;
	*) set -- "$2" ${RUN:-} "$2" ;;
	esac
	prog=$1
	shift
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "${TEST_SECONDS:-850}" "$@" \
	    >"$log.out" 2>"$log.err" </dev/null
	status=$?
	passed=$(grep -c '^ok ' "$log.out")
	failed=$(grep -c '^not ok ' "$log.out")
	planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log.out" | head -n 1)
	if [ "$failed" -gt 0 ]; then
		: # told below, with the log
	elif [ "$status" -ne 0 ]; then
		failed=1
		echo "not ok - exit status $status" >>"$log.out"
	elif [ -z "$planned" ]; then
		passed=1 # a script
	elif [ "$planned" -ne "$passed" ]; then
		failed=1
		echo "not ok - $passed of $planned ran" >>"$log.out"
	fi
	echo "$passed $failed" >"$log.sum"
	if [ "$failed" -gt 0 ]; then
		echo "FAIL $prog"
		grep -h -A 12 '^not ok' "$log.out" | head -n 60
		tail -n 60 "$log.err"
	else
		echo "ok   $prog ($passed)"
	fi
	exit 0
fi

rm -rf "$logs"
mkdir -p "$logs"
printf '%s\n' "$@" |
    xargs -P "$(nproc 2>/dev/null || echo 2)" -n 1 sh "$0" --one
cat "$logs"/*.sum | awk '{ p += $1; f += $2 }
	END { printf "%d passed, %d failed\n", p, f; exit f > 0 }'
