#!/usr/bin/env bash
# Makes the archives of a release: archives.sh VERSION DIRECTORY [RID...]
# Each has the program, SQLite's library, the systemd unit and the example configuration. Both architectures are compiled on either.
# The same commit gives the same names, order, owners and times.
set -Eeuo pipefail
[ $# -ge 2 ] || { echo "usage: $0 VERSION DIRECTORY [RID...]" >&2; exit 2; }
version=${1#v}
mkdir -p "$2"
target=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- linux-x64 linux-arm64
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
time=@$(git log -1 --format=%ct)

for rid in "$@"; do
  name=fj-bellows-$version-$rid
  dotnet publish src/FjBellows.Daemon -p:PublishProfile=single-file -p:DebugType=embedded -p:RunAnalyzers=false -p:Version="$version" \
    -r "$rid" -o "$work/$name" -v q
  # The build leaves what it does not need.
  find "$work/$name" -mindepth 1 ! -name fj-bellows ! -name libe_sqlite3.so -delete
  install -m 644 LICENSE CHANGELOG.md config.example.yaml "$work/$name"
  install -d "$work/$name/systemd/fj-bellows.service.d"
  install -m 644 deploy/systemd/*.service deploy/systemd/*.conf "$work/$name/systemd"
  install -m 644 deploy/systemd/fj-bellows.service.d/*.conf "$work/$name/systemd/fj-bellows.service.d"
  chmod 755 "$work/$name/fj-bellows"
  chmod 644 "$work/$name/libe_sqlite3.so"
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="$time" -c "$name" | gzip -n -9 > "$target/$name.tar.gz"
  echo "$target/$name.tar.gz"
done
