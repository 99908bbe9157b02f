# Prints where this machine listens on port $1: local addresses as the kernel writes them, one a line.
hex=$(printf '%04X' "$1")
cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | sed -n "s/^ *[0-9]*: \([0-9A-F]*\):$hex [0-9A-F]*:0000 0A .*/\1/p"
