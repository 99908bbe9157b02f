# In a unit it becomes the runner at once. Without one it runs twice in one dispatch: as the keeper, apart from any session, which holds the lock and leaves the exit code; and
# as its child, which writes its own pid and becomes the runner. The daemon adds the configuration and the runner's argv.
role=$1

if [ "$role" = keeper ]; then
  trap : HUP INT TERM
  begin || exit 0
  mkdir -p "$work/$id" || exit 1
  cd "$work/$id" || exit 1
  if command -v flock > /dev/null 2>&1; then
    exec 9> "$d/lock"
    # The lock is the open file's, whoever takes it; the runner need not wait for that.
    flock 9 3>&- &
  fi
  apart=''
  if command -v setsid > /dev/null 2>&1; then apart=setsid; fi
  look $$ || birth=-
  $apart /bin/sh "$d/run" runner $$ "$birth" "$2" < /dev/null >> "$d/log" 2>&1 9>&-
  code=$?
  rm -f "$d/token"
  echo "$code" > "$d/exit.new" && mv "$d/exit.new" "$d/exit"
  exit 0
fi

if [ "$role" = unit ]; then
  ignoring=''
  begin || exit 125
  mkdir -p "$work/$id" && cd "$work/$id" && write_config || exit 125
else
  keeper=$2 keeper_birth=$3 ignoring=$4
  write_config || exit 125
  look $$ || birth=-
  echo "$$ $birth $keeper $keeper_birth $boot" > "$d/pid" || exit 125
  { echo started >&3; } 2> /dev/null
  exec 3>&-
fi
FJ_BELLOWS_DISPATCH=":$d:"
HOME=${HOME:-$work/$id}
export FJ_BELLOWS_DISPATCH HOME
# What was started to ignore INT and QUIT (by nohup, by a shell's &) would hand that down to every step of the job.
if [ -z "$ignoring" ] && [ -r "/proc/$$/status" ]; then
  while read -r key value; do
    [ "$key" = SigIgn: ] || continue
    case $value in *[0189]) ;; *) ignoring=ignoring ;; esac
    break
  done < "/proc/$$/status"
fi
if [ -n "$ignoring" ] && env --default-signal=INT,QUIT true 2> /dev/null; then
  with_runner exec env --default-signal=INT,QUIT /bin/sh -c 'exec "$@"' sh
else
  with_runner exec
fi
