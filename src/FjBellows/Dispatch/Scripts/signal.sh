# Sends TERM to the runner, which ends the job in order, or kills everything of the dispatch but the keeper, which
# then leaves the exit code. A runner that has not started yet never will.
[ -d "$d" ] || exit 0
if [ ! -s "$d/pid" ] && ! begin; then settle; fi
if [ "$signal" = KILL ]; then
  sweep
else
  recall "$d"
  if lives "$runner" "$runner_birth" "$pid_boot"; then kill -TERM "$runner"; fi
fi
exit 0
