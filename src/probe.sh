#!/bin/sh
# probe.sh - what this compiler takes and where the libraries are, as lines for
# the Makefile.
set -eu

cc_ok() {
	printf 'int probe(void);\nint probe(void)\n{\nreturn 0;\n}\n' |
	    ${CC:-cc} -Werror "$1" -x c -c -o /dev/null - 2>/dev/null
}

harden=
for f in -fstack-clash-protection -fcf-protection \
    -ftrivial-auto-var-init=zero -fzero-call-used-regs=used; do
	if cc_ok "$f"; then harden="$harden $f"; fi
done
echo "HARDEN_PROBED :=$harden"

warn=
for f in -Wnull-dereference -Wlogical-op -Wduplicated-cond \
    -Wmissing-variable-declarations; do
	if cc_ok "$f"; then warn="$warn $f"; fi
done
echo "WARN_PROBED :=$warn"

both="libcrypto libsodium libuv sqlite3 libutf8proc inih libqrencode"
# ncursesw asks for an older X/Open than _GNU_SOURCE gives anyway.
echo "LIB_CFLAGS := $(pkg-config --cflags $both ncursesw |
    sed 's/-D_XOPEN_SOURCE=[0-9]*//; s/-D_DEFAULT_SOURCE//')"
echo "LIBS_sottod := $(pkg-config --libs $both)"
echo "LIBS_sotto := $(pkg-config --libs $both ncursesw)"
echo "LIBS_test := $(pkg-config --libs cmocka vterm json-c 2>/dev/null || true) -lutil"
