# Ends a runner that waits for a task, but only between two of its requests: soon after an answer that held none. Prints ended, task,
# unanswered, late or gone.
if [ ! -s "$record" ]; then settle; fi
if ! busy "$d"; then
  echo gone
  exit 0
fi
# Seconds of the day of a line's time stamp.
seconds() {
  stamp=${1#*T}
  h=${stamp%%:*}
  stamp=${stamp#*:}
  m=${stamp%%:*}
  stamp=${stamp#*:}
  s=${stamp%%[!0-9]*}
  case "$h$m$s" in '' | *[!0-9]*) return 1 ;; esac
  at=$((${h#0} * 3600 + ${m#0} * 60 + ${s#0}))
}
first='' last='' polls=-1
while IFS= read -r line; do
  first=$last last=$line polls=$((polls + 1))
  case "$line" in *'fetched one task'*) echo task; exit 0 ;; esac
done << END
$(grep -E '^time=.* msg="(single task poller (launched|successfully|received)|failed to fetch task)' "$log")
END
case "$last" in
  *'received no task'*) ;;
  *)
    echo unanswered
    exit 0
    ;;
esac
# The next request comes no sooner than $interval after the last one began, which was at most $gap before its answer.
age=$(($(date +%s) - $(stat -c %Y "$log")))
most=$((interval + 2))
if [ "$polls" -le 1 ]; then most=8; fi
if seconds "$last" && later=$at && seconds "$first"; then gap=$(((later - at + 86400) % 86400)); else gap=$((most + 1)); fi
if [ "$gap" -gt "$most" ] || [ "$age" -lt 0 ] || [ "$age" -gt 6 ]; then
  echo late
  exit 0
fi
recall "$d"
if [ -n "$unit" ]; then $root "$helper" signal "$id" TERM; else kill -TERM "$runner"; fi
echo ended
