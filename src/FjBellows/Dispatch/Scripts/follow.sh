# Waits for the end of a dispatch and hands over its log beginning with line $from, or with no $from only the log's tail. The last line is
# the verdict.
# The lock is a sleep that ends with the keeper; what counts as the end is busy alone.
settle
# What has not started by now never will: a verdict is final.
if [ -d "$d" ] && [ ! -s "$record" ] && ! begin; then settle; fi
[ -f "$log" ] || log=/dev/null
exec 8< "$log"
locks=''
if [ -z "$unit" ] && [ -f "$d/lock" ] && flock -s -w 1 "$d/run" true 2> /dev/null; then locks=1; fi

# Whatever comes first leaves the place in the log at its end for the next one.
next="tail -n +$from"
hand_over() {
  if [ -n "$from" ]; then $next <&8; fi
  next='cat'
}

while busy "$d"; do
  hand_over
  if [ -n "$locks" ] && keeper_lives; then
    flock -s -w 0.5 "$d/lock" true
  else
    nap
  fi
done
if [ -n "$from" ]; then hand_over; else tail -c 4096 <&8; fi
if [ -n "$(tail -c 1 "$log")" ]; then echo; fi
exit_code "$d"
echo "$verdict $code $source"
