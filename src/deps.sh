#!/bin/sh
# deps.sh install|tell set... - are the packages of these sets here?  On Debian
# and its kin "install" gets what is missing; everywhere else the list is
# printed and the status is 1.
set -eu

mode=$1
shift

# Debian packages of each set.
build="gcc libc6-dev pkg-config libncurses-dev libssl-dev libsodium-dev
	libuv1-dev libsqlite3-dev libutf8proc-dev libinih-dev libqrencode-dev"
test="libcmocka-dev libvterm-dev libjson-c-dev procps"
lint="clang clang-format clang-tidy cppcheck mandoc libclang-rt-14-dev
	valgrind"

wanted=
for set in "$@"; do
	case $set in
	build) wanted="$wanted $build" ;;
	test) wanted="$wanted $test" ;;
	lint) wanted="$wanted $lint" ;;
	esac
done

# One line for people on other systems, whose packages have other names.
libraries="a C11 compiler, pkg-config, ncurses (wide), OpenSSL 3, libsodium,
libuv, SQLite 3, utf8proc, inih, libqrencode; for tests cmocka, libvterm, json-c"

have_debian() {
	command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1
}

if ! have_debian; then
	# Nothing to ask the package system; the build will say what it misses.
	if command -v pkg-config >/dev/null 2>&1 &&
	    pkg-config --exists ncursesw libcrypto libsodium libuv sqlite3 \
		libutf8proc inih libqrencode; then
		exit 0
	fi
	echo "sotto needs these packages, please install them: $libraries" >&2
	exit 1
fi

missing=
for p in $wanted; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$mode" != install ]; then
	echo "packages are missing:$missing" >&2
	echo "'make deps' installs them" >&2
	exit 1
fi
echo "installing missing packages:$missing"
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
# shellcheck disable=SC2086
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
    --no-install-recommends $missing >/dev/null
