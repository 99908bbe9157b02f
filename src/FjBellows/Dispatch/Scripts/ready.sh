# Says in its first line whether a job could run: ready, wait or failed. The rest is for people.
boot_log() { if [ -n "$boot_log" ] && [ -r "$boot_log" ]; then tail -n 20 "$boot_log"; fi; }

wait_for() {
  echo wait
  echo "$*"
  boot_log
  exit 0
}

if [ -n "$report" ]; then
  [ -r "$report" ] || wait_for "the bootstrap has not finished: there is no $report yet"
  said=''
  read -r said < "$report" || :
  case "$said" in
    ok) ;;
    failed)
      echo failed
      echo "the bootstrap reports a failure:"
      sed 1d "$report" | tail -c 4096
      exit 0
      ;;
    *) wait_for "the bootstrap is writing $report" ;;
  esac
fi
version=$(with_runner command 2>&1 < /dev/null) || wait_for "the runner does not run: $version"
if [ "$docker" != none ]; then
  engine=$(docker info --format '{{.ServerVersion}}' 2>&1 < /dev/null) && [ -n "$engine" ] || wait_for "Docker does not answer: $engine"
fi
# Free and total KiB where jobs work. Nothing is removed while a job runs: it may be about to use it.
disk() {
  place=$work
  while [ ! -d "$place" ]; do place=${place%/*} place=${place:-/}; done
  # shellcheck disable=SC2046
  set -- $(df -Pk "$place" 2> /dev/null | sed 1d)
  free=$4 total=$2
  case "$free$total" in '' | *[!0-9]*) return 1 ;; esac
  enough=$((total * floor_percent / 100))
  [ "$enough" -lt "$floor" ] || enough=$floor
  [ "$free" -ge "$enough" ]
}
idle() {
  for entry in "$jobs"/*/ "$units"/*/; do
    if [ -d "$entry" ] && busy "${entry%/}"; then return 1; fi
  done
}
free=''
if [ -n "$floor" ] && ! disk && [ -n "$free" ] && idle; then
  if [ "$docker" = own ]; then
    docker image prune -af > /dev/null 2>&1 < /dev/null
    docker builder prune -af > /dev/null 2>&1 < /dev/null
  fi
  if [ -n "$cache" ] && [ -d "$cache" ]; then rm -rf "${cache:?}"/* 2> /dev/null; fi
  if ! disk; then
    echo wait
    echo "disk $free low"
    echo "only $((free / 1024)) MiB are free in $work, $((enough / 1024)) MiB are needed; unused images, build cache and job caches were removed already"
    exit 0
  fi
fi
echo ready
if [ -n "$free" ]; then echo "disk $free ok"; fi
echo "$version"
