#!/bin/sh
# Measures the figures of the first table of docs/performance.md and prints it; those over SSH are commands of their own. Run it on a quiet machine; each row shows the load it was taken under.
# Usage: tests/bench.sh [DIRECTORY for the published programs]
set -eu
here=$(dirname "$0")
published=${1:-$(mktemp -d)}
"$here/publish.sh" "$published" >&2
dotnet publish "$here/FjBellows.Benchmarks.Runner" -c Release -v q --use-current-runtime -o "$published/runner" >&2
dotnet build "$here/FjBellows.Benchmarks" -c Release -v q >&2
figure() { dotnet "$here/FjBellows.Benchmarks/bin/Release/net10.0/FjBellows.Benchmarks.dll" "$@" || missed=1; }
missed=0
figure header
figure plan
figure journal
figure start "$published/fj-bellows"
figure recovery "$published/fj-bellows"
figure idle "$published/fj-bellows"
figure burst --runner "$published/runner/sandbox-runner"
figure pickup --runner "$published/runner/sandbox-runner"
figure control
exit "$missed"
