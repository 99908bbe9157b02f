#!/usr/bin/env bash
# Makes docs/screenshots from a running demo: the dashboard in both colours and on a phone, and `fj-bellows top` in a terminal.
# Usage: tests/screenshots.sh [PROGRAM]     without PROGRAM the daemon is built and run by dotnet
# Needs Debian's packages: apt-get install -y --no-install-recommends chromium tmux fonts-dejavu-core
set -Eeuo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
demo=
finish() {
  [ -z "$demo" ] || kill -INT "$demo" 2> /dev/null || :
  tmux -L fj-bellows-shots kill-server 2> /dev/null || :
  [ -z "$demo" ] || wait "$demo" || :
  rm -rf "$work"
}
trap finish EXIT

if [ $# -gt 0 ]; then
  program=("$1")
else
  dotnet build src/FjBellows.Daemon -v q
  program=(dotnet src/FjBellows.Daemon/bin/Debug/net10.0/fj-bellows.dll)
fi
"${program[@]}" demo --jobs 30 --max 4 --state "$work/state" > "$work/demo.log" 2>&1 &
demo=$!
for _ in $(seq 600); do
  url=$(grep -ao 'control plane is http://127.0.0.1:[0-9]*' "$work/demo.log" | grep -o 'http.*' || :)
  [ -z "$url" ] || break
  kill -0 "$demo" || { cat "$work/demo.log"; exit 1; }
  sleep 0.1
done

# Until some workers have run several jobs and others wait.
for _ in $(seq 600); do
  ended=$(curl -fsS "$url/api/v1/jobs" 2> /dev/null | grep -o '"state":"ended"' | wc -l || :)
  [ "$ended" -lt 7 ] || break
  sleep 0.1
done

mkdir -p docs/screenshots
# shot NAME WIDTH HEIGHT [more options of Chromium]
shot() {
  timeout 90 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" --virtual-time-budget=4000 \
    --screenshot="$PWD/docs/screenshots/$1.png" --window-size="$2,$3" "${@:4}" > "$work/chromium.log" 2>&1 || { cat "$work/chromium.log"; exit 1; }
  echo "docs/screenshots/$1.png"
}
shot dashboard 1100 1000 "$url/"
shot dashboard-dark 1100 1000 --blink-settings=preferredColorScheme=0 "$url/"
# No narrower: that is as small as Chromium makes a window.
shot dashboard-phone 500 1000 "$url/"

if "${program[@]}" top --help > /dev/null 2>&1; then
  tmux -L fj-bellows-shots -f /dev/null new-session -d -x 110 -y 30 "env FJB_LISTEN=${url#http://} ${program[*]} top"
  sleep 4
  screen=$(tmux -L fj-bellows-shots capture-pane -p | sed 's/&/\&amp;/g; s/</\&lt;/g')
  printf '<!doctype html><meta charset="utf-8"><body style="margin:0;padding:14px;background:#0d1117;color:#e6edf3"><pre style="margin:0;font:14px/1.25 DejaVu Sans Mono,monospace">%s</pre>' "$screen" > "$work/top.html"
  shot top 1000 580 "file://$work/top.html"
fi
