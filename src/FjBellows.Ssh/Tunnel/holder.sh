# Who holds port $1 of the address $3 (as the kernel writes it, or of every address) on this machine? Prints "free", "held", or "ended" when it was an older session of ours, known by
# the claim $2 to its pid and start time, and has been killed: frozen or cut off, it would keep the port.
hex=$(printf '%04X' "$1")
grep -qE "^ *[0-9]+: ($3|0+):$hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null || { echo free; exit 0; }
if read -r pid started 2>/dev/null < "${HOME:-/root}/.fj-bellows/$2" && [ "$pid" != "$PPID" ] && grep -q sshd "/proc/$pid/comm" 2>/dev/null \
  && [ "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)" = "$started" ] && kill -9 "$pid"; then
  echo ended
else
  echo held
fi
