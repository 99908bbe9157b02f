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
echo ready
echo "$version"
