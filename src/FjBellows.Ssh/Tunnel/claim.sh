# Writes down which sshd session holds the tunnel $1 now.
umask 077
claims="${HOME:-/root}/.fj-bellows"
mkdir -p "$claims"
printf '%s %s\n' "$PPID" "$(sed 's/.*) //' "/proc/$PPID/stat" | cut -d ' ' -f 20)" > "$claims/$1"
