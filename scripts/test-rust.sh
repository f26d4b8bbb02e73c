#!/usr/bin/env bash
# Runs the Rust tests with nextest and, at the end, lists the tests that reported themselves as skipped.
# A test does so by printing a line that begins with `skipped`, with its reason, and passing.
#
#   scripts/test-rust.sh PROFILE [ARGUMENT OF NEXTEST…]
set -uo pipefail
profile=$1
shift
report="${CARGO_TARGET_DIR:-target}/nextest/$profile/junit.xml"
rm -f "$report"
code=0
cargo nextest run --workspace --profile "$profile" "$@" || code=$?
if [ -f "$report" ]; then
  awk '
    match($0, /<testcase name="[^"]*" classname="[^"]*"/) { split(substr($0, RSTART, RLENGTH), part, "\""); test = part[4] " " part[2]; told = 0 }
    {
      line = $0
      sub(/^.*<system-(out|err)>/, "", line)
      if (!told && tolower(line) ~ /^[ \t]*\[?skipped/) { sub(/<\/system-(out|err)>.*$/, "", line); found[++n] = "  " test ": " line; told = 1 }
    }
    END { if (n) { print n " tests skipped themselves:"; for (i = 1; i <= n; i++) print found[i] } }
  ' "$report"
fi
exit $code
