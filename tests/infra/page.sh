#!/bin/bash
# Runs a script of documented steps on a machine of its own: /etc is a private copy; /opt, /var, /usr/local/bin and /usr/lib/sysusers.d are empty.
# What needs a registry, an engine, a cluster or systemd as the first process is looked at by a stand-in instead of carried out.
# usage: unshare --mount page.sh DIRECTORY SCRIPT PROGRAM...   DIRECTORY has the repository in repo/ and a daemon's state directory in state/;
# PROGRAM is the command that runs fj-bellows.
set -eu
root=$1 script=$2
shift 2
# The machine's own files are not touched: these mounts must be in a namespace that ends with this script.
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] || { echo "usage: unshare --mount $0 DIRECTORY SCRIPT PROGRAM..." >&2; exit 2; }
mkdir -p "$root/bin" "$root/late" "$root/etc"
cp -a /etc/. "$root/etc"
mount --bind "$root/etc" /etc
for place in /opt /var /usr/local/bin /usr/lib/sysusers.d; do
  mount -t tmpfs fjb-page "$place"
done
mkdir -p /var/run /var/backups /var/lib/fj-bellows
touch /var/run/docker.sock
cp -a "$root/state/." /var/lib/fj-bellows

stand_in() {
  { echo '#!/bin/bash'; echo 'set -eu'; cat; } > "$root/bin/$1"
  chmod 755 "$root/bin/$1"
}

# The program itself; where it would look at the network or become the daemon, it looks at the configuration only.
printf -v program '%q ' "$@"
stand_in fj-bellows << END
case \${1-} in
  check) exec $program "\$@" --offline ;;
  -*) exec $program check "\$@" --offline ;;
  *) exec $program "\$@" ;;
esac
END
# Found last: where the steps install one, they find that.
mv "$root/bin/fj-bellows" "$root/late"

dotnet=$(command -v dotnet)
stand_in dotnet << END
case "\$*" in
  "sln "* | "add "*) exec $dotnet "\$@" ;;
  "publish src/FjBellows.Daemon "*" -o out") mkdir out; cp $root/late/fj-bellows out ;;
  "run --project src/FjBellows.Daemon -- demo" | test) ;;
  "run --project src/FjBellows.Daemon -- "*) shift 4; exec $program "\$@" ;;
  *) echo "no stand-in carries this out: dotnet \$*" >&2; exit 1 ;;
esac
END

# Whatever compose is asked for, it reads the whole file first, with the environment that it has.
stand_in docker << 'END'
case "$1" in
  compose) [ "$2" = -f ]; exec docker-compose -f "$3" config -q ;;
  build) if [ "$2" = -f ]; then test -e "$3"; else test -e "${*: -1}/Dockerfile"; fi ;;
  run | exec) ;;
  *) echo "no stand-in carries this out: docker $*" >&2; exit 1 ;;
esac
END

stand_in podman << 'END'
case "$1 $2" in
  "secret create") test -s "$4" ;;
  "build -f") test -e "$3" ;;
  *) echo "no stand-in carries this out: podman $*" >&2; exit 1 ;;
esac
END

kubectl=$(command -v kubectl)
stand_in kubectl << END
case "\$1" in
  kustomize) exec $kubectl "\$@" ;;
  apply) exec $kubectl kustomize "\$3" ;;
  *) echo "no stand-in carries this out: kubectl \$*" >&2; exit 1 ;;
esac
END

for program in systemctl journalctl; do
  stand_in $program << 'END'
case "$*" in
  daemon-reload) ;;
  *" fj-bellows"*) test -e /etc/systemd/system/fj-bellows.service || test -e /etc/containers/systemd/fj-bellows.container ;;
  *) echo "no stand-in carries this out: $*" >&2; exit 1 ;;
esac
END
done

# What the control plane answers is another test's.
echo : | stand_in curl

cd "$root/repo"
exec env -i HOME=/root PATH="$root/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$root/late" DOTNET_ROOT="$(dirname "$(readlink -f "$dotnet")")" \
  DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 bash -euo pipefail "$script"
