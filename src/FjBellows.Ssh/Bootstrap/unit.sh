# Runs dispatches as transient units, for the user who logs in: start ID, signal ID TERM|KILL, code ID, erase ID, forget ID. It is all that user may ask
# root for about them, and gives away nothing: what it starts runs as that user, what it removes is that user's work. $user, $jobs and
# $work come before this text.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
verb=${1:-} id=${2:-} units=/run/fj-bellows/units
case "$id" in
  '' | *[!A-Za-z0-9-]*) echo "'$id' is not a dispatch" >&2; exit 64 ;;
esac
unit="fj-bellows-$id.service" s="$units/$id"

case "$verb" in
  start)
    mkdir -p "$units" && mkdir "$s" || exit 1
    identity='--setenv=HOME=/root'
    if [ "$user" != root ]; then identity="--uid=$user"; fi
    # The unit stays when the runner has ended: so does its exit code.
    systemd-run --quiet --unit="$unit" "$identity" --property=Type=exec --property=RemainAfterExit=yes --property=OOMPolicy=continue \
      --property=TasksMax=infinity --property=TimeoutStopSec=10 --property=StandardOutput="append:$s/log" \
      --property=StandardError="append:$s/log" /bin/sh "$jobs/$id/run" unit < /dev/null || { rmdir "$s"; exit 1; }
    pid=$(systemctl show "$unit" -p ExecMainPID)
    pid=${pid#*=}
    birth=-
    if IFS= read -r stat 2> /dev/null < "/proc/$pid/stat"; then
      set -- ${stat##*) }
      birth=${20}
    fi
    read -r boot < /proc/sys/kernel/random/boot_id
    echo "$pid $birth - - $boot" > "$s/pid.new" && mv "$s/pid.new" "$s/pid"
    ;;
  signal)
    case "${3:-}" in
      TERM) systemctl kill --kill-who=main -s TERM "$unit" ;;
      KILL) systemctl kill -s KILL "$unit" ;;
      *) echo "'${3:-}' is not a signal for a dispatch" >&2; exit 64 ;;
    esac 2> /dev/null || :
    ;;
  code)
    main=0 status=0 active=''
    for pair in $(systemctl show "$unit" -p ExecMainCode -p ExecMainStatus -p ActiveState); do
      case "$pair" in
        ExecMainCode=*) main=${pair#*=} ;;
        ExecMainStatus=*) status=${pair#*=} ;;
        ActiveState=*) active=${pair#*=} ;;
      esac
    done
    case "$main:$active" in
      1:*) echo "$status" ;;
      2:* | 3:*) echo $((128 + status)) ;;
      *:active | *:activating | *:deactivating) echo running ;;
      *) echo - ;;
    esac
    ;;
  erase)
    rm -rf --one-file-system "${work:?}/${id:?}"
    ;;
  forget)
    systemctl stop "$unit" 2> /dev/null
    systemctl reset-failed "$unit" 2> /dev/null
    rm -rf "$s"
    ;;
  *)
    echo "'$verb' is not known" >&2
    exit 64
    ;;
esac
