#!/bin/sh
# Prints the tags that an image gets, one a line.
#
#   tags.sh VERSION SHA < RELEASED     for a release; RELEASED has the versions released so far, one a line, as `git tag` prints them
#   tags.sh '' SHA                     for a commit that is no release
#
# x.y.z and the commit always. latest, x and x.y only where no higher version is released: a floating tag never moves backwards, and a
# backport after a higher version moves none. A pre-release (x.y.z-rc.1) moves none either, and does not count as a higher version.
# A leading v is left out. Ends with 2 where the arguments are no version and no commit.
set -eu
fail() { echo "tags.sh: $1" >&2; exit 2; }
[ $# -eq 2 ] || fail 'usage: tags.sh VERSION SHA < RELEASED'
version=${1#v} sha=$2
# Numbers without leading zeros: what a registry shows as 1.02 would be another tag than 1.2.
number='(0|[1-9][0-9]{0,8})'
final="^$number\.$number\.$number\$"
matches() { printf '%s\n' "$2" | grep -Eq "$1"; }

matches '^[0-9a-f]{40}$' "$sha" || fail "'$sha' is no commit: 40 hexadecimal digits are wanted"
if [ -z "$version" ]; then
  echo "$sha"
  exit
fi
# Two lines that each look like a version would pass grep.
case $version in *'
'*) fail 'one version is wanted' ;; esac
if matches "$final" "$version"; then
  highest=$(
    { sed 's/^v//' | grep -E "$final" || :; printf '%s\n' "$version"; } | sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1
  )
  echo "$version"
  echo "$sha"
  if [ "$highest" = "$version" ]; then
    echo "${version%.*}"
    echo "${version%%.*}"
    echo latest
  fi
elif matches "^$number\.$number\.$number-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*\$" "$version"; then
  echo "$version"
  echo "$sha"
else
  fail "'$1' is no version: x.y.z or x.y.z-rc.1 is wanted"
fi
