#!/bin/sh
# crypto/ and ui/ compute: no clock, no file, no socket, no sleeping there, and
# the system's randomness only through the parameter.  Silent if all is well.
set -eu
bad=0
deny() {
	files=$1 words=$2 why=$3
	# shellcheck disable=SC2086
	if grep -nE "\\b($words) ?\\(" $files; then
		echo "^ $why"
		bad=1
	fi
}
crypto=$(ls crypto/*.[ch] 2>/dev/null || true)
deny "$crypto" 'open|fopen|socket|connect|recv|usleep|sleep|time|clock_gettime|clock_mono_ms|clock_wall_ms|getenv|printf|puts' \
    'crypto/ does no input or output'
deny "$(ls crypto/*.c | grep -v prim_sodium.c)" \
    'randombytes_buf|secret_random|getrandom|RAND_bytes|rand|random' \
    'randomness is a parameter'
ui=$(ls ui/*.[ch] 2>/dev/null | grep -v term_curses || true)
[ -z "$ui" ] || deny "$ui" \
    'open|fopen|socket|connect|usleep|sleep|time|clock_gettime|clock_mono_ms|clock_wall_ms|getenv|printf|puts' \
    'ui/ draws values'

# Comparing secrets with memcmp, or printing them.
if grep -nE 'memcmp\(.*(mac|tag|secret|key|psk|verify)' crypto/*.c net/*.c \
    src/*/*.c; then
	echo '^ compare secrets with secret_eq()'
	bad=1
fi
if grep -nE '(log_say|printf)\(.*\b(pass|psk|pmk|secret|seed|uik|dik|dsk)\b' \
    crypto/*.c net/*.c src/*/*.c; then
	echo '^ a secret in a line of text'
	bad=1
fi
# Mutable globals: tables must be const.
if grep -nE '^static [a-z_ ]*[a-z_]+(\[[^]]*\])* *(=|;)' src/*/*.c crypto/*.c \
    net/*.c ui/*.c 2>/dev/null | grep -v const | grep -v sig_atomic_t |
    grep -v 'term_curses.c'; then
	echo '^ a mutable global'
	bad=1
fi
exit $bad
