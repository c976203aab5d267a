#!/bin/sh
# Files that one can read in one go, functions that fit a screen.  Tables of
# words are data.
set -eu
bad=0
for f in src/*/*.[ch] crypto/*.[ch] net/*.[ch] ui/*.[ch]; do
	[ "$f" != crypto/words.c ] || continue
	awk -v f="$f" '
		/^}/ { if (from && NR - from > 80) {
			printf "%s:%d: a function of %d lines\n", f, from, NR - from
			bad = 1 } from = 0 }
		/^{/ { from = NR }
		END { if (NR > 500) {
			printf "%s: %d lines\n", f, NR; bad = 1 }
			exit bad }' "$f" || bad=1
done
exit $bad
