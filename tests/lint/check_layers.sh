#!/bin/sh
# Who may include whom (ARCHITECTURE.md), and each outside library through its
# one door.  Silent if all is well.
set -eu
bad=0

# layer folder: the layers whose headers it may include
rule() {
	layer=$1 dir=$2 may=$3
	for f in "$dir"/*.[ch]; do
		[ -e "$f" ] || continue
		for inc in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f"); do
			top=${inc%%/*}
			case " $may " in
			*" $top "*) ;;
			*)
				echo "$f: $layer must not include $inc"
				bad=1
				;;
			esac
		done
	done
}
rule base src/base "base"
rule crypto crypto "base crypto"
rule net net "base crypto net"
rule ui ui "base ui"
rule sotto src/sotto "base crypto net ui sotto"
rule sottod src/sottod "base crypto net sottod"

# library header (a pattern): files that may include it
door() {
	pattern=$1
	shift
	for f in $(grep -lE "^#include <($pattern)" src/*/*.[ch] crypto/*.[ch] \
	    net/*.[ch] ui/*.[ch] 2>/dev/null); do
		case " $* " in
		*" $f "*) ;;
		*)
			echo "$f: <$pattern> has another door: $*"
			bad=1
			;;
		esac
	done
}
door 'curses|ncurses|term\.h' ui/term_curses.c
door 'openssl/' crypto/prim_openssl.c crypto/prim_rsa.c crypto/prim_rsa.h \
    crypto/prim_rsa_check.c crypto/cert.c crypto/cert_make.c \
    crypto/cert_read.c crypto/cert_x509.c crypto/cert_x509.h
door 'sodium' crypto/prim_sodium.c src/base/secret.c
door 'uv\.h|uv/' net/loop_uv.h
door 'sqlite3' src/base/db.c
door 'utf8proc' src/base/text.c
door 'ini\.h' src/base/conf.c
door 'qrencode' src/base/qr.c

# Headers that only the files of one door may see.
inner() {
	for f in $(grep -lF "#include \"$1\"" src/*/*.[ch] crypto/*.[ch] \
	    net/*.[ch] ui/*.[ch] 2>/dev/null); do
		if ! echo "$f" | grep -qE "^($2)"; then
			echo "$f: $1 is private to its door"
			bad=1
		fi
	done
}
inner crypto/prim_rsa.h 'crypto/(prim_rsa|cert)'
inner crypto/cert_x509.h 'crypto/cert'
inner net/loop_uv.h 'net/loop'
inner net/loop_tcp.h 'net/loop'
exit $bad
