#!/bin/sh
# Publishes the program as it is released, into DIRECTORY: fj-bellows and SQLite's library, which belong side by side.
# Symbols go into the assemblies, so that stack traces have line numbers.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
target=$(realpath -m "$1")
cd "$(dirname "$0")/.."
dotnet publish src/FjBellows.Daemon -p:PublishProfile=single-file -p:DebugType=embedded -o "$target" -v q
