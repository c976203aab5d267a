#!/bin/sh
# run.sh fuzzer... - each libFuzzer for FUZZ_SECONDS, from the seeds; what
# it finds is kept in $BUILD/found.  Ends with one line a fuzzer.
set -u
found=$BUILD/found
mkdir -p "$found"
failed=0
for f in "$@"; do
	corpus=$BUILD/corpus/$f
	mkdir -p "$corpus"
	if "$BUILD/$f" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=20 \
		-rss_limit_mb=3000 -artifact_prefix="$found/$f-" \
		"$corpus" "tests/fuzz/seeds/$f" >"$found/$f.log" 2>&1; then
		echo "ok     $f: $(grep -c . "$found/$f.log") lines of log," \
			"$(sed -n 's/^stat::number_of_executed_units: //p;s/^Done \([0-9]*\) runs.*/\1/p' \
				"$found/$f.log" | tail -n 1) runs"
	else
		echo "FAILED $f: $found/$f.log"
		tail -n 20 "$found/$f.log"
		failed=1
	fi
done
exit $failed
