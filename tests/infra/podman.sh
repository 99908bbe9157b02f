#!/bin/sh
# Podman with its Docker API for the tests, apart from any other on this machine: everything is below DIR.
# usage: podman.sh start|stop DIR
# Needs root and Debian's packages: apt-get install -y --no-install-recommends podman runc docker.io (for its command line)
set -eu
action=$1
dir=$2
socket=$dir/docker.sock

# True while the process that the pid file names is Podman: a pid alone may be another process by now.
lives() { [ -s "$dir/podman.pid" ] && tr '\0' ' ' 2> /dev/null < "/proc/$(cat "$dir/podman.pid")/cmdline" | grep -q podman; }

case $action in
  start)
    mkdir -p "$dir"
    # Podman wants more open files for a container than some machines give anybody.
    printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n' > "$dir/containers.conf"
    CONTAINERS_CONF=$dir/containers.conf setsid podman --root "$dir/data" --runroot "$dir/run" --storage-driver vfs \
      --cgroup-manager cgroupfs --events-backend file system service --time 0 "unix://$socket" > "$dir/podman.log" 2>&1 < /dev/null &
    echo $! > "$dir/podman.pid"
    tries=0
    while ! docker -H "unix://$socket" version > /dev/null 2>&1; do
      tries=$((tries + 1))
      if [ "$tries" -ge 600 ] || ! lives; then
        tail -n 20 "$dir/podman.log" >&2
        exit 1
      fi
      sleep 0.05
    done
    ;;
  stop)
    if lives; then
      kill "$(cat "$dir/podman.pid")"
      tries=0
      while lives && [ "$tries" -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
    fi
    # Each command's monitor waits five minutes for somebody to ask how it ended, and would then look for what is gone.
    for process in $(grep -l -F "$dir/data/" /proc/[0-9]*/cmdline 2> /dev/null); do
      process=${process#/proc/}
      process=${process%/cmdline}
      case $(readlink "/proc/$process/exe") in */conmon) kill -KILL "$process" || : ;; esac
    done
    awk -v below="$dir/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do umount -l "$mounted" || :; done
    ;;
  *)
    echo "usage: $0 start|stop DIR" >&2
    exit 2
    ;;
esac
