# Waits for the end of a dispatch and hands over its log ($stream = 1) or only the log's tail. The last line is the verdict.
# The lock is a sleep that ends with the keeper; what counts as the end is busy alone.
settle
# What has not started by now never will: a verdict is final.
if [ -d "$d" ] && [ ! -s "$d/pid" ] && ! begin; then settle; fi
log="$d/log"
[ -f "$log" ] || log=/dev/null
exec 8< "$log"
locks=''
if [ -f "$d/lock" ] && flock -s -w 1 "$d/run" true 2> /dev/null; then locks=1; fi

hand_over() { if [ "$stream" = 1 ]; then cat <&8; fi; }

while busy "$d"; do
  hand_over
  if [ -n "$locks" ] && keeper_lives; then
    flock -s -w 0.5 "$d/lock" true
  else
    nap
  fi
done
if [ "$stream" = 1 ]; then hand_over; else tail -c 4096 <&8; fi
if [ -n "$(tail -c 1 "$log")" ]; then echo; fi
code=-
if [ -f "$d/exit" ]; then read -r code < "$d/exit"; fi
echo "$verdict $code"
