#!/bin/sh
# Benchmarks, one line a figure, tab-separated:
#	bench name median min max unit ratio ratio-to goal met|missed
# A ratio compares medians of the same run; "-" where there is none, and no
# goal yet.  CPU time, not wall time: other work on the machine matters less.
set -eu
for b in "$BUILD"/tests/bench/*; do
	[ -x "$b" ] && [ -f "$b" ] || continue
	"$b"
done
