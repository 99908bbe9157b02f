# Sends TERM to the runner, which ends the job in order, or kills everything of the dispatch but the keeper, which
# then leaves the exit code. A runner that has not started yet never will. Says whether the runner is still there.
if [ ! -d "$d" ] && { [ -z "$unit" ] || [ ! -d "$unit" ]; }; then
  echo gone
  exit 0
fi
if [ ! -s "$record" ] && ! begin; then settle; fi
if [ "$signal" = KILL ]; then
  sweep
  # A process that waits in the kernel goes when its wait ends, or never.
  naps=0
  while busy "$d" && [ "$naps" -lt 20 ]; do
    nap
    naps=$((naps + 1))
  done
else
  recall "$d"
  if lives "$runner" "$runner_birth" "$pid_boot"; then
    if [ -n "$unit" ]; then $root "$helper" signal "$id" TERM; else kill -TERM "$runner"; fi
  fi
fi
if busy "$d"; then echo alive; else echo gone; fi
exit 0
