#!/bin/sh
# Prints one line: how many tests were skipped and what would enable them. Usage: tests/infra/skipped.sh FILE...
# Each file is what a test project left beside its assembly: the count, then a package a line, or after a colon something else to do.
set -eu
awk '
  FNR == 1 { count += $1; next }
  seen[$0]++ { next }
  /^: / { other = other "; " substr($0, 3); next }
  { packages = packages " " $0 }
  END {
    if (!count) exit
    printf "%d test%s skipped. To run %s: ", count, count == 1 ? "" : "s", count == 1 ? "it" : "them"
    line = packages == "" ? "" : "; apt-get install" packages
    print substr(line other, 3)
  }' "$@"
