#!/usr/bin/env bash
# The first hour of somebody who is new here: a Debian with the .NET SDK and git and nothing else, in which the two commands at the top of the
# README are run as root and as an ordinary user, each in an empty home. Prints what each took; ends with 1 when one of them fails.
# Usage: tests/newcomer.sh [DIRECTORY]     (as root; needs Debian's mmdebstrap; DIRECTORY for the system, 8 GB, is removed in the end)
# The SDK is copied from this machine. Packages come from the package source that this machine's NuGet configuration names.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
[ "$(id -u)" = 0 ] || { echo "run it as root: it makes a root directory of its own" >&2; exit 2; }
command -v mmdebstrap > /dev/null || { echo "mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 2; }
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
root=${1:-$(mktemp -d /var/tmp/fjb-newcomer-XXXXXX)}
mkdir -p "$root"
clean() { rm -rf --one-file-system "$root"; }
trap clean EXIT

mapfile -t commands < <(awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md | head -n 2)
[ "${commands[1]}" = "dotnet test" ] || { echo "the README's second command is no longer 'dotnet test': ${commands[1]}" >&2; exit 1; }

# What the SDK itself asks for is its own: the C++ library, ICU, OpenSSL, zlib.
echo "building a Debian in $root"
sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do [ ! -s "$file" ] || sources+=("$file"); done
options=()
while IFS= read -r option; do options+=("--aptopt=$option"); done < <(apt-config dump | grep -E '^Acquire::(Check|http|https)' | sed 's/;$//')
mmdebstrap --quiet "${options[@]}" --mode=root --variant=minbase --include=ca-certificates,git,libicu72,libssl3,libstdc++6,zlib1g,tzdata "${SUITE:-bookworm}" "$root" "${sources[@]}"
mkdir -p "$root/usr/share/dotnet"
cp -a "$dotnet/." "$root/usr/share/dotnet/"
ln -s /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp -a /etc/ssl/certs/. "$root/etc/ssl/certs/"
cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2> /dev/null || true
chroot "$root" useradd --create-home --shell /bin/bash newcomer

failed=0
table=''
for user in root newcomer; do
  home=$(chroot "$root" getent passwd "$user" | cut -d : -f 6)
  git clone -q "$repository" "$root$home/fj-bellows"
  if [ -f ~/.nuget/NuGet/NuGet.Config ]; then
    install -D -m 644 ~/.nuget/NuGet/NuGet.Config "$root$home/.nuget/NuGet/NuGet.Config"
  fi
  chroot "$root" chown -R "$user:" "$home"
  for command in "${commands[@]}"; do
    printf '\n== %s: %s\n' "$user" "$command"
    begun=$SECONDS code=0
    # A process namespace of its own, so that nothing outlives the command.
    unshare --mount --pid --fork --kill-child bash -euc '
      root=$1 user=$2 home=$3 command=$4
      mount --make-rprivate /
      mount -t proc proc "$root/proc"
      mount -t tmpfs -o mode=1777 tmp "$root/tmp"
      mount --rbind /dev "$root/dev"
      exec chroot "$root" /usr/bin/env -i "HOME=$home" "USER=$user" PATH=/usr/local/bin:/usr/bin:/bin TERM=dumb DOTNET_CLI_TELEMETRY_OPTOUT=1 \
        ${NUGET_CERT_REVOCATION_MODE:+"NUGET_CERT_REVOCATION_MODE=$NUGET_CERT_REVOCATION_MODE"} \
        setpriv --reuid="$user" --regid="$user" --init-groups bash -c "cd ~/fj-bellows && exec timeout 3600 $command"' \
      - "$root" "$user" "$home" "$command" < /dev/null || code=$?
    [ "$code" = 0 ] || failed=1
    table+=$(printf '%7d  %4d  %-8s  %s (load %s)' "$((SECONDS - begun))" "$code" "$user" "$command" "$(cut -d ' ' -f 1 /proc/loadavg)")$'\n'
  done
  rm -rf "$root$home/fj-bellows" "$root$home/.nuget/packages"
done
printf '\nseconds  exit  user      command\n%s' "$table"
exit "$failed"
