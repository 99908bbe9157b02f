# Starts a dispatch: $run is the run script, and the input is the token and a line that shows it is all there. mkdir decides
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

started() { [ -s "$d/pid" ] || [ -f "$d/exit" ]; }

IFS= read -r token && IFS= read -r end && [ "$end" = whole ] || fail "the token did not arrive whole: the link broke"
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

# A transient unit is out of reach of the login session's end; systemd would expand $ and % in the path, so only a plain one goes
# there. Its directory is root's, and only root may ask for one.
plain=1
case "$d" in *[!A-Za-z0-9/._-]*) plain='' ;; esac
if [ -n "$plain" ] && [ -w /run/systemd/system ] && command -v systemd-run > /dev/null 2>&1 &&
  systemd-run --quiet --collect --unit="fj-bellows-$id" --property=OOMPolicy=continue --property=TasksMax=infinity \
    --property=TimeoutStopSec=10 --setenv="PATH=$PATH" --setenv="HOME=${HOME:-/root}" /bin/sh "$d/run" keeper \
    < /dev/null > "$d/launch" 2>&1; then
  settle
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
tail -n 20 "$d/launch" "$d/log" >&2 2> /dev/null
fail "the runner's process did not start"
