# Runs twice in one dispatch: as the keeper, apart from any session, which holds the lock and leaves the exit code; and
# as its child, which writes its own pid and becomes the runner. The daemon adds the configuration and the runner's argv.
role=$1

if [ "$role" = keeper ]; then
  trap : HUP INT TERM
  mkdir "$d/begun" 2> /dev/null || exit 0
  mkdir -p "$work/$id" || exit 1
  cd "$work/$id" || exit 1
  if command -v flock > /dev/null 2>&1; then
    exec 9> "$d/lock"
    flock 9
  fi
  apart=''
  if command -v setsid > /dev/null 2>&1; then apart=setsid; fi
  look $$ || birth=-
  $apart /bin/sh "$d/run" runner $$ "$birth" < /dev/null >> "$d/log" 2>&1 9>&-
  code=$?
  rm -f "$d/token"
  echo "$code" > "$d/exit.new" && mv "$d/exit.new" "$d/exit"
  exit 0
fi

keeper=$2 keeper_birth=$3
write_config || exit 125
look $$ || birth=-
echo "$$ $birth $keeper $keeper_birth $boot" > "$d/pid.new" && mv "$d/pid.new" "$d/pid" || exit 125
{ echo started >&3; } 2> /dev/null
exec 3>&-
FJ_BELLOWS_DISPATCH=":$d:"
HOME=${HOME:-$work/$id}
export FJ_BELLOWS_DISPATCH HOME
# A process that a shell puts in the background ignores INT and QUIT, and so would every step of the job.
if env --default-signal=INT,QUIT true 2> /dev/null; then
  with_runner exec env --default-signal=INT,QUIT /bin/sh -c 'exec "$@"' sh
else
  with_runner exec
fi
