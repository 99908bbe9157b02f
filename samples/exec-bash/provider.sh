#!/usr/bin/env bash
# A provider for fj-bellows in bash, curl and jq: servers at Hetzner Cloud. docs/exec-provider.md explains the protocol.
set -uo pipefail
in=$(cat)
get() { jq -r "$1" <<<"$in"; }
fail() { jq -nc --arg kind "$2" --arg message "$3" --argjson pause "${4:-null}" '{error: {kind: $kind, message: $message, retry_after_s: $pause}}'; exit "$1"; }

# api METHOD PATH [BODY]: the answer is in $out; false when what PATH names does not exist.
# The token goes to curl through a pipe, never through an argument: those are visible to every user of the machine.
api() {
  local status code pause what="$1 ${2%%\?*}"
  out=$(curl -sS --max-time 50 -X "$1" -w '\n%{http_code} %header{retry-after}' -H @<(printf 'Authorization: Bearer %s' "$(get .config.token)") \
    -H 'Content-Type: application/json' ${3:+--data-binary @-} "$(get '.config.url // "https://api.hetzner.cloud/v1"')/$2" <<<"${3:-}") || fail 75 transient "$what: no answer"
  status=${out##*$'\n'} out=${out%$'\n'*}
  pause=${status#* } status=${status%% *}
  [[ $pause =~ ^[0-9]+$ ]] || pause=null
  code=$(jq -r '.error.code // ""' 2>/dev/null <<<"$out")
  case $status/$code in
    2*) [ -z "$out" ] || jq . >/dev/null 2>&1 <<<"$out" || fail 75 transient "$what: the answer is not JSON" ;;
    404/not_found) return 1 ;;
    409/uniqueness_error) fail 31 conflict "$what: the name is taken" ;;
    429/*) fail 32 rate_limited "$what: too many requests" "$pause" ;;
    */resource_unavailable | */placement_error) fail 33 capacity_out "$what: no capacity" ;;
    */resource_limit_exceeded) fail 34 quota_exceeded "$what: the limit of the project is reached" ;;
    401/* | 403/*) fail 36 auth "$what: the token is refused" ;;
    5*/* | 404/*) fail 75 transient "$what: answered $status" ;;
    *) fail 35 invalid_config "$what: answered $status ($code)" ;;
  esac
}
instance='{id: (.id | tostring), name, created_at: .created, addresses: [.public_net.ipv4.ip // empty],
  status: ({initializing: "starting", starting: "starting", running: "running", off: "stopped", deleting: "deleting"}[.status] // "unknown"),
  tags: [.labels["fjb-tag"], .labels["fjb-owner"] | values], placement: "\(.location.name)/\(.server_type.name)"}'

case $1 in
  describe)
    echo '{"protocols": [1], "name": "hetzner-bash", "version": "1", "secrets": ["token"], "user_data_max": 32768,
      "billing": {"granularity_s": 3600, "minimum_s": 3600, "billed_while_off": true}, "requests": {"limit": 55, "window_s": 60}}' ;;
  create)
    api POST servers "$(jq -c '{name: .create.name, user_data: .create.user_data, server_type: .config.type, image: .config.image,
      location: .config.location, labels: {"fjb-tag": .deployment.tag, "fjb-owner": .deployment.owner}}' <<<"$in")" || fail 35 invalid_config 'no such image or type'
    jq -c "{instance: (.server | $instance)}" <<<"$out" ;;
  list)
    page=1 all=
    while [ -n "$page" ]; do
      api GET "servers?label_selector=fjb-tag==$(get .deployment.tag)&per_page=50&page=$page" || fail 75 transient 'no list'
      all+=$(jq -c ".servers[] | $instance" <<<"$out")$'\n'
      page=$(jq -r '.meta.pagination.next_page // empty' <<<"$out")
    done
    jq -sc '{instances: ., complete: true}' <<<"$all" ;;
  get) if api GET "servers/$(get .get.id)"; then jq -c "{instance: (.server | $instance)}" <<<"$out"; else echo '{"instance": null}'; fi ;;
  delete) api DELETE "servers/$(get .delete.id)"; echo '{"deleted": true}' ;;
  check) api GET 'servers?per_page=1'; echo '{"findings": [{"level": "ok", "subject": "token", "message": "reads servers"}]}' ;;
esac
