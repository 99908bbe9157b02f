# Goes before every script. POSIX sh only: dash and busybox ash run it. Variables that the daemon sets come before it.
# A dispatch is a directory of its own, $jobs/$id:
#   run, config.yaml, token   what to start (the token only while the job runs)
#   begun                     a fence: whoever makes it first, the keeper or a clean-up, decides whether the runner ever starts
#   pid                       runner's pid and start time, keeper's pid and start time, boot id; empty while it is being written
#   lock                      locked by the keeper while it lives
#   log, exit                 the runner's output and, once it has ended, its exit code
# Where the bootstrap left $helper and systemd runs, a dispatch is a transient unit instead: its pid and log lie in a directory of root's,
# $units/$id, its exit code is the service manager's, and nothing that the job can write is believed.
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH
umask 077
d="$jobs/$id"
units=/run/fj-bellows/units
root=''
[ "$(id -u)" = 0 ] || root='sudo -n'
if [ -n "$helper" ] && { [ ! -x "$helper" ] || [ ! -d /run/systemd/system ]; }; then helper=''; fi
record="$d/pid" log="$d/log" unit=''
if [ -n "$helper" ] && [ -n "$id" ]; then unit="$units/$id" record="$units/$id/pid" log="$units/$id/log"; fi
boot=-
if [ -r /proc/sys/kernel/random/boot_id ]; then read -r boot < /proc/sys/kernel/random/boot_id; fi

# Makes the fence; fails when it exists. Done by the shell itself, since each further process delays the start.
begin() {
  set -C
  { true > "$d/begun"; } 2> /dev/null
  set -- $?
  set +C
  return "$1"
}

# Sets state, group, session and birth (start time in ticks since boot) of process $1. The name of a process may hold
# blanks and brackets, so fields are counted from the last bracket.
look() {
  { IFS= read -r look_line < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -f
  set -- ${look_line##*) }
  set +f
  [ "$#" -ge 20 ] || return 1
  state=$1 group=$3 session=$4 birth=${20}
}

# Whether pid $1, started at $2 in boot $3, still lives. A pid alone proves nothing: it may be another process by now.
lives() {
  case "$1" in '' | *[!0-9]*) return 1 ;; esac
  if [ -r /proc/self/stat ]; then
    [ "$3" = "$boot" ] && look "$1" && [ "$birth" = "$2" ] && [ "$state" != Z ] && [ "$state" != X ]
  else
    kill -0 "$1" 2>/dev/null
  fi
}

# Reads what is written about the dispatch in directory $1. The first 200 characters are more than there ever are.
recall() {
  runner='' runner_birth='' keeper='' keeper_birth='' pid_boot=''
  recall_from="$1/pid"
  if [ -n "$helper" ]; then recall_from="$units/${1##*/}/pid"; fi
  if [ -s "$recall_from" ]; then read -r runner runner_birth keeper keeper_birth pid_boot < "$recall_from"; fi
}

# Sets code to the exit code of the dispatch in directory $1, or to - where none was left, and source to who vouches for it.
exit_code() {
  code=- source=file
  if [ -n "$helper" ]; then
    source=unit
    waits=0
    # The process may have ended before the service manager says so.
    while code=$($root "$helper" code "${1##*/}" 2> /dev/null) && [ "$code" = running ] && [ "$waits" -lt 50 ]; do
      nap
      waits=$((waits + 1))
    done
  elif [ -f "$1/exit" ]; then
    read -r code rest < "$1/exit" || :
  fi
  case "$code" in '' | *[!0-9]* | ????*) code=- ;; esac
}

keeper_lives() { lives "$keeper" "$keeper_birth" "$pid_boot"; }

# Whether the dispatch in directory $1 runs. The keeper counts until it has written the exit code; a runner outlives a killed keeper.
busy() {
  recall "$1"
  lives "$runner" "$runner_birth" "$pid_boot" || { [ -z "$helper" ] && [ ! -f "$1/exit" ] && keeper_lives; }
}

nap() { sleep 0.1 2>/dev/null || sleep 1; }

# Waits, at most some seconds, until a launch that is under way has got as far as a pid.
settle() {
  naps=0
  while [ -d "$d" ] && [ ! -s "$record" ] && { [ -n "$unit" ] || [ ! -f "$d/exit" ]; } && [ "$naps" -lt 50 ]; do
    nap
    naps=$((naps + 1))
  done
}

# Kills whatever is left of the dispatch: the runner's session and group, and every process that carries its mark in the
# environment. While one member of a session lives, its number is not given to a new process; so if the number is
# somebody else's, the session is empty.
sweep() {
  recall "$d"
  if [ -n "$unit" ] && [ -d "$unit" ]; then $root "$helper" signal "$id" KILL || :; fi
  mine=''
  case "$runner" in
    '' | *[!0-9]*) ;;
    *) if [ "$pid_boot" = "$boot" ] && { ! look "$runner" || [ "$birth" = "$runner_birth" ]; }; then mine=$runner; fi ;;
  esac
  round=0
  while [ "$round" -lt 20 ]; do
    found=''
    # grep finds the few that may be meant; a shell that looks at every process of a machine takes longer than the job's end should.
    if [ -n "$mine" ]; then
      for entry in $(grep -l -E "\) [A-Za-z] [0-9]+ ($mine [0-9]+|[0-9]+ $mine) " /proc/[0-9]*/stat 2>/dev/null); do
        p=${entry#/proc/}
        p=${p%/stat}
        if look "$p" && [ "$state" != Z ] && { [ "$session" = "$mine" ] || [ "$group" = "$mine" ] || [ "$p" = "$mine" ]; }; then
          kill -KILL "$p" 2>/dev/null && found=1
        fi
      done
    fi
    for entry in $(grep -l -F "FJ_BELLOWS_DISPATCH=:$d:" /proc/[0-9]*/environ 2>/dev/null); do
      p=${entry#/proc/}
      p=${p%/environ}
      if look "$p" && [ "$state" != Z ]; then kill -KILL "$p" 2>/dev/null && found=1; fi
    done
    if [ ! -r /proc/self/stat ] && [ -n "$runner" ] && [ ! -f "$d/exit" ]; then kill -KILL "-$runner" 2>/dev/null || kill -KILL "$runner" 2>/dev/null; fi
    [ -n "$found" ] || return 0
    round=$((round + 1))
    [ "$round" -lt 3 ] || nap
  done
}
