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

# A message is on its way through many small functions: some 8 % less for all that
# the relay does with one besides reading and writing.  Tests are linked without.
lto="-flto=auto -ffat-lto-objects" no_lto=-fno-use-linker-plugin
out=$(mktemp)
for f in "$lto" "$no_lto"; do
	# shellcheck disable=SC2086
	echo 'int main(void) { return 0; }' |
	    ${CC:-cc} -Werror $f -x c -o "$out" - 2>/dev/null || lto='' no_lto=''
done
rm -f "$out"
echo "LTO_PROBED := $lto"
echo "NO_LTO_PROBED := $no_lto"

both="libcrypto libsodium libuv sqlite3 libutf8proc inih libqrencode"
# ncursesw asks for an older X/Open than _GNU_SOURCE gives anyway.
echo "LIB_CFLAGS := $(pkg-config --cflags $both ncursesw |
    sed 's/-D_XOPEN_SOURCE=[0-9]*//; s/-D_DEFAULT_SOURCE//')"
echo "LIBS_sottod := $(pkg-config --libs $both)"
echo "LIBS_sotto := $(pkg-config --libs $both ncursesw)"
echo "LIBS_test := $(pkg-config --libs cmocka vterm json-c 2>/dev/null || true) -lutil"
