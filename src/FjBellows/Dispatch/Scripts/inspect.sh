# One line for each dispatch this worker knows: id, 1 while it runs, exit code or -, and who vouches for that.
known="$jobs"
if [ -n "$helper" ]; then known="$units"; fi
for entry in "$known"/*/; do
  entry=${entry%/}
  [ -d "$entry" ] || continue
  code=- source=file
  if [ -n "$helper" ]; then source=unit; fi
  alive=0
  if busy "$entry"; then
    alive=1
  else
    exit_code "$entry"
  fi
  echo "dispatch ${entry##*/} $alive $code $source"
done
