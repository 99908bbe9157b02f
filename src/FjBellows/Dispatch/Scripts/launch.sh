# Starts a dispatch: $run is the run script, and the input is the token and a line that shows it is all there. d, record, unit and
# settle are of prelude.sh, which goes before this text. mkdir decides
# between two launches of the same dispatch. Every process started before the runner delays it, so there are few.
fail() {
  echo "$*" >&2
  exit 1
}

already() {
  settle
  echo already
  exit 0
}

started() { [ -s "$record" ] || { [ -z "$unit" ] && [ -f "$d/exit" ]; }; }

IFS= read -r token && IFS= read -r end && [ "$end" = whole ] || fail "the token did not arrive whole: the connection was lost"
if [ -n "$unit" ]; then
  # What root wrote decides; a directory alone may be a job's doing.
  if [ -d "$d" ] && [ ! -d "$unit" ]; then
    settle
    [ -d "$unit" ] || rm -rf "$d"
  fi
  [ ! -d "$unit" ] || already
fi
[ ! -d "$d" ] || already
case "$program" in
  */*) [ -f "$program" ] && [ -x "$program" ] || fail "the runner $program is not on this worker, or may not be executed" ;;
  *) command -v "$program" > /dev/null 2>&1 || fail "the runner $program is not in this worker's PATH ($PATH)" ;;
esac

[ -d "$jobs" ] || mkdir -p "$jobs" || fail "cannot write to the jobs directory $jobs"
if ! mkdir "$d" 2> /dev/null; then
  [ ! -d "$d" ] || already
  fail "cannot make $d"
fi
if ! printf %s "$token" > "$d/token" || ! printf '%s\n' "$run" > "$d/run"; then
  rm -rf "$d"
  fail "cannot write to $d; is the file system full?"
fi

if [ -n "$unit" ]; then
  $root "$helper" start "$id" > "$d/launch" 2>&1 || :
elif command -v setsid > /dev/null 2>&1; then
  # Not every setsid forks by itself. A process that a shell puts in the background ignores INT and QUIT.
  setsid -f /bin/sh "$d/run" keeper 3>&1 < /dev/null > /dev/null 2>> "$d/launch" | { read -r ack || :; }
  started || { setsid /bin/sh "$d/run" keeper ignoring 3>&1 < /dev/null > /dev/null 2>> "$d/launch" & } | { read -r ack || :; }
else
  { (set -m; /bin/sh "$d/run" keeper ignoring 3>&1 < /dev/null > /dev/null 2>> "$d/launch" &) } 2> /dev/null | { read -r ack || :; }
fi
if started; then
  echo started
  exit 0
fi
rm -f "$d/token"
tail -n 20 "$d/launch" "$log" >&2 2> /dev/null
fail "the runner's process did not start"
