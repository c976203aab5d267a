#!/bin/sh
# ARCHITECTURE.md names every part, and every part that it names is there.
set -eu
bad=0
map=ARCHITECTURE.md
for f in src/*/*.[ch] crypto/*.[ch] net/*.[ch] ui/*.[ch]; do
	part=$(basename "$f")
	part=${part%.[ch]}
	grep -q "\`$part\`" "$map" || {
		echo "$f: $map does not name \`$part\`"
		bad=1
	}
done
for part in $(grep -o '`[a-z_]*`' "$map" | tr -d '`' | sort -u); do
	found=
	for d in src/base crypto net ui src/sotto src/sottod; do
		[ ! -e "$d/$part.c" ] && [ ! -e "$d/$part.h" ] || found=1
	done
	[ -n "$found" ] || [ -e "$part" ] || [ -e "tests/$part" ] ||
		[ "$part" = poll ] || {
		echo "$map names \`$part\`, which is nowhere"
		bad=1
	}
done
exit $bad
