#!/bin/sh
# A Docker engine for the tests, apart from any other on this machine: its socket, data and processes are all below DIR.
# No bridge and no firewall rules: containers use the host's network, so it runs where neither can be made.
# usage: dockerd.sh start|stop|kill DIR [dockerd's further options]
# kill ends it as a power cut would; start again afterwards.
# Needs root and Debian's packages: apt-get install -y --no-install-recommends docker.io
set -eu
action=$1
dir=$2
shift 2
socket=$dir/docker.sock

# True while the process that file $1 names is a program named $2: a pid alone may be another process by now.
lives() { [ -s "$1" ] && tr '\0' ' ' 2> /dev/null < "/proc/$(cat "$1")/cmdline" | grep -q "$2"; }

# The engine answers, seen without any client: its status line, read over the socket by its own health request.
answers() { [ -S "$socket" ] && docker -H "unix://$socket" version > /dev/null 2>&1; }

end() {
  signal=$1
  for name in docker containerd; do
    file=$dir/$name.pid
    [ "$name" = docker ] || file=$dir/exec/containerd/containerd.pid
    if lives "$file" "${name%d}"; then
      kill "-$signal" "$(cat "$file")" || :
      tries=0
      while lives "$file" "${name%d}" && [ "$tries" -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
    fi
    rm -f "$file"
  done
}

case $action in
  start)
    mkdir -p "$dir"
    if answers; then exit 0; fi
    # Where no init system has mounted the control groups, the engine needs them: one hierarchy of v2, or v1's one by one.
    if ! grep -q ' /sys/fs/cgroup' /proc/mounts; then
      if [ -s /proc/cgroups ] && [ "$(grep -vc '^#' /proc/cgroups)" -gt 0 ]; then
        mount -t tmpfs cgroup /sys/fs/cgroup
        for c in $(awk '!/^#/ { print $1 }' /proc/cgroups); do
          mkdir -p "/sys/fs/cgroup/$c"
          mount -t cgroup -o "$c" "$c" "/sys/fs/cgroup/$c" || :
        done
      else
        mount -t cgroup2 cgroup /sys/fs/cgroup
      fi
    fi
    setsid dockerd --host "unix://$socket" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/docker.pid" \
      --bridge=none --iptables=false --ip6tables=false "$@" > "$dir/dockerd.log" 2>&1 < /dev/null &
    tries=0
    while ! answers; do
      tries=$((tries + 1))
      if [ "$tries" -ge 600 ] || ! kill -0 $! 2> /dev/null; then
        tail -n 20 "$dir/dockerd.log" >&2
        exit 1
      fi
      sleep 0.05
    done
    ;;
  stop)
    end TERM
    # An engine leaves mounts behind, and one that was killed before leaves more.
    awk -v below="$dir/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do umount -l "$mounted" || :; done
    ;;
  kill)
    end KILL
    rm -f "$socket"
    ;;
  *)
    echo "usage: $0 start|stop|kill DIR" >&2
    exit 2
    ;;
esac
