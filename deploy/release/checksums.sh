#!/usr/bin/env bash
# Writes SHA256SUMS of a directory's files: checksums.sh DIRECTORY. Check them with: sha256sum -c SHA256SUMS
set -Eeuo pipefail
[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
cd "$1"
rm -f SHA256SUMS
sums=$(sha256sum -- *)
printf '%s\n' "$sums" > SHA256SUMS
echo "$(wc -l < SHA256SUMS) files"
