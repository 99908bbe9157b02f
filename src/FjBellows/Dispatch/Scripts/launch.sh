# Starts a dispatch: input is the token ($token_bytes) and then the run script ($run_bytes). Nothing is made under the
# dispatch's name before all of it has arrived, and mkdir decides between two launches of the same dispatch.
fail() {
  echo "$*" >&2
  exit 1
}

already() {
  cat > /dev/null
  settle
  echo already
  exit 0
}

[ ! -d "$d" ] || already
case "$program" in
  */*) [ -f "$program" ] && [ -x "$program" ] || fail "the runner $program is not on this worker, or may not be executed" ;;
  *) command -v "$program" > /dev/null 2>&1 || fail "the runner $program is not in this worker's PATH ($PATH)" ;;
esac

stage="$jobs/.stage-$$"
[ ! -d "$stage" ] || rm -rf "$stage"
mkdir -p "$stage" || fail "cannot write to the jobs directory $jobs"
dd bs=1 count="$token_bytes" of="$stage/token" 2> /dev/null && cat > "$stage/run"
if [ "$(wc -c < "$stage/run")" -ne "$run_bytes" ]; then
  rm -rf "$stage"
  fail "what to run did not arrive whole: the link broke, or $jobs is full"
fi
if ! mkdir "$d" 2> /dev/null; then
  rm -rf "$stage"
  [ ! -d "$d" ] || already
  fail "cannot make $d"
fi
mv "$stage/token" "$stage/run" "$d/" && rmdir "$stage" || fail "cannot write to $d"

# A transient unit is out of reach of the login session's end; systemd would expand $ and % in the path, so only a plain one goes there.
plain=1
case "$d" in *[!A-Za-z0-9/._-]*) plain='' ;; esac
if [ -n "$plain" ] && [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ] && command -v systemd-run > /dev/null 2>&1 &&
  systemd-run --quiet --collect --unit="fj-bellows-$id" --property=OOMPolicy=continue --property=TasksMax=infinity \
    --property=TimeoutStopSec=10 --setenv="PATH=$PATH" --setenv="HOME=${HOME:-/root}" /bin/sh "$d/run" keeper \
    < /dev/null > "$d/launch" 2>&1; then
  settle
elif command -v setsid > /dev/null 2>&1; then
  { setsid /bin/sh "$d/run" keeper 3>&1 < /dev/null > /dev/null 2>> "$d/launch" & } | { read -r ack || :; }
else
  { (set -m; /bin/sh "$d/run" keeper 3>&1 < /dev/null > /dev/null 2>> "$d/launch" &) } 2> /dev/null | { read -r ack || :; }
fi
if [ -f "$d/pid" ] || [ -f "$d/exit" ]; then
  echo started
  exit 0
fi
rm -f "$d/token"
tail -n 20 "$d/launch" "$d/log" >&2 2> /dev/null
fail "the runner's process did not start"
