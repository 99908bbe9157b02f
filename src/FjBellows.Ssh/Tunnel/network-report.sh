# Prints what the bootstrap says about this machine's network ($1), "booting" while it is not through (no $2 yet), or "none".
if [ -r "$1" ]; then head -c 1000 "$1"; elif [ -e "$2" ]; then echo none; else echo booting; fi
