#!/usr/bin/env bash
# Holds what is in deploy/ and .forgejo/ against the tools that it is made for. What a tool cannot see is in tests/FjBellows.Integration.Tests/Deploy.
# With CI set, a missing tool fails; without it, its part is skipped and named.
set -Eeuo pipefail
cd "$(dirname "$0")"
trap 'echo "not valid: line $LINENO: $BASH_COMMAND" >&2' ERR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() {
  command -v "$1" > /dev/null && return
  [ -z "${CI:-}" ] || { echo "$1 is not installed (Debian package $2)" >&2; exit 1; }
  echo "left out: $1 is not installed (Debian package $2)"
  return 1
}

release/tags_test.sh

if have systemd-analyze systemd; then
  # The program is not installed here; everything else of the unit is looked at as it is.
  for dropin in '' linode docker; do
    rm -rf "${work:?}/units" && mkdir -p "$work/units/fj-bellows.service.d"
    sed 's,/opt/fj-bellows/fj-bellows,/bin/true,' systemd/fj-bellows.service > "$work/units/fj-bellows.service"
    [ -z "$dropin" ] || cp "systemd/fj-bellows.service.d/$dropin.conf" "$work/units/fj-bellows.service.d/"
    said=$(systemd-analyze verify "$work/units/fj-bellows.service" 2>&1 | grep -F fj-bellows || :)
    [ -z "$said" ] || { echo "$said"; exit 1; }
  done
  # 1.3 when it was written; the threshold is in tenths.
  systemd-analyze security --offline=true --no-pager --threshold=20 "$work/units/fj-bellows.service" | tail -n 1
fi

if have promtool prometheus; then
  promtool check rules prometheus/rules.yaml
  (cd prometheus && promtool test rules rules_test.yaml)
  promtool check config --syntax-only prometheus/prometheus.yaml
fi

if have docker-compose docker-compose; then
  # That the printed commands set the variable is shown by tests/FjBellows.Integration.Tests/Docs.
  DOCKER_GID=999 docker-compose -f compose/compose.yaml config -q
  echo "compose.yaml: ok"
fi

tools=../tests/tools/deploy
if [ -d $tools/node_modules ]; then
  node $tools/workflows.mjs ../.forgejo/workflows/*.yaml
  node $tools/dockerfiles.mjs Dockerfile worker/Dockerfile
else
  [ -z "${CI:-}" ] || { echo "npm ci --prefix tests/tools/deploy has not been run" >&2; exit 1; }
  echo "left out: workflows and Dockerfiles (npm ci --prefix tests/tools/deploy)"
fi
