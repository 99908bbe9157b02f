#!/usr/bin/env bash
# Makes the bill of materials of a release, every package that the program contains, as CycloneDX JSON: sbom.sh VERSION DIRECTORY
set -Eeuo pipefail
[ $# -eq 2 ] || { echo "usage: $0 VERSION DIRECTORY" >&2; exit 2; }
version=${1#v}
mkdir -p "$2"
target=$(cd "$2" && pwd)
# The tool is named, with its version, in dotnet-tools.json beside this script.
cd "$(dirname "$0")"
dotnet tool restore > /dev/null
dotnet tool run dotnet-CycloneDX ../../src/FjBellows.Daemon/FjBellows.Daemon.csproj \
  --exclude-dev --output "$target" --filename "fj-bellows-$version.cdx.json" --output-format Json \
  --set-name fj-bellows --set-version "$version" > /dev/null
echo "$target/fj-bellows-$version.cdx.json"
