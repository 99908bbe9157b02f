# Makes the name $1 mean 127.0.0.1 on this machine; changes nothing when it does already.
pattern=$(printf '%s' "$1" | sed 's/[.]/\\./g')
first=$(grep -E "^[^#]*[[:space:]]$pattern([[:space:]]|\$)" /etc/hosts | head -n 1)
case $first in 127.0.0.1[[:space:]]*) exit 0 ;; esac
if [ -w /etc/hosts ]; then
  # In place: the file may be a mount of its own.
  hosts=$(printf '127.0.0.1 %s # fj-bellows\n' "$1"; cat /etc/hosts) && printf '%s\n' "$hosts" > /etc/hosts
elif [ "$(id -u)" != 0 ]; then
  exec sudo -n /usr/local/sbin/fj-bellows-hosts "$1"
else
  echo "/etc/hosts cannot be written" >&2
  exit 1
fi
