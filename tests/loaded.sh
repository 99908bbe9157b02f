#!/usr/bin/env bash
# Runs the whole suite N times beside four busy processes and prints what failed, and how often: a test that fails only then waits for a fixed time.
# Usage: tests/loaded.sh [N]      (5 when left out; needs Debian's stress-ng, and a build)
set -Eeuo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
command -v stress-ng > /dev/null || { echo "stress-ng is missing: apt-get install stress-ng" >&2; exit 2; }
work=$(mktemp -d)
stress-ng --cpu 4 --quiet &
load=$!
trap 'kill "$load" 2> /dev/null || true; rm -rf "$work"' EXIT

dotnet build FjBellows.sln -v q
: > "$work/failed"
for run in $(seq "$runs"); do
  begun=$SECONDS
  env --default-signal=INT,QUIT dotnet test --no-build --logger trx --results-directory "$work/$run" > "$work/$run.log" 2>&1 || true
  count() { grep -ho "<Counters [^>]*" "$work/$run"/*.trx | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
  printf 'run %d: %d passed, %d failed, %d skipped, %d s\n' "$run" "$(count passed)" "$(count failed)" "$(($(count total) - $(count executed)))" "$((SECONDS - begun))"
  grep -ho '<UnitTestResult [^>]*outcome="Failed"' "$work/$run"/*.trx | grep -o 'testName="[^"]*"' | cut -d '"' -f 2 | tee -a "$work/failed" || true
  [ "$(count passed)" -gt 0 ] || { cat "$work/$run.log"; exit 1; }
done
if [ -s "$work/failed" ]; then
  printf '\nfailures  test\n'
  sort "$work/failed" | uniq -c | sort -rn
  exit 1
fi
echo "no failure in $runs loaded runs"
