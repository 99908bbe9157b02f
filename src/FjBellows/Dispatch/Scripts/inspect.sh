# One line for each dispatch this worker knows: id, 1 while it runs, exit code or -.
for entry in "$jobs"/*/; do
  entry=${entry%/}
  [ -d "$entry" ] || continue
  code=-
  alive=0
  if busy "$entry"; then
    alive=1
  elif [ -f "$entry/exit" ]; then
    read -r code < "$entry/exit"
  fi
  echo "dispatch ${entry##*/} $alive $code"
done
