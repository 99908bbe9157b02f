# Lets jobs reach Forgejo by the host and port of its URL, whatever network they are in: the tunnel ends on an address of this machine's own and a high
# port, Forgejo's port there is translated to it, and a resolver on the same address knows the name. Runs at every boot; harmless to repeat.
# $address is our own; $host, $port Forgejo's; $high the tunnel's port; $docker is not empty where jobs use an engine; $user logs in. $result gets
# the outcome: "own ADDRESS PORT", or "gateway ADDRESS PORT REASON" where there is no resolver and the engine gives the name to job containers.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
systemd=''
if [ -d /run/systemd/system ]; then systemd=1; fi
fail() {
  echo "network: $*" >&2
  exit 1
}
rule() {
  table=$1 chain=$2
  shift 2
  iptables -w -t "$table" -C "$chain" "$@" 2> /dev/null || iptables -w -t "$table" -I "$chain" "$@" || fail "cannot set a rule: iptables -t $table $chain $*"
}

ip addr replace "$address/32" dev lo || fail "cannot give this machine the address $address"
target=$address name=$host
case "$host" in *[!0-9.]*) ;; *) target=$host name='' ;; esac

# Nothing listens on Forgejo's own port, so a job may.
for chain in PREROUTING OUTPUT; do
  rule nat "$chain" -d "$target" -p tcp --dport "$port" -j DNAT --to-destination "$address:$high"
done
# Neighbours on this machine's networks must not reach Forgejo through it.
iptables -w -N FJ-BELLOWS 2> /dev/null || iptables -w -F FJ-BELLOWS
for interface in lo docker0 br-+; do iptables -w -A FJ-BELLOWS -i "$interface" -j RETURN; done
iptables -w -A FJ-BELLOWS -j DROP
rule filter INPUT -d "$address" -j FJ-BELLOWS
# A firewall of the image's own must let containers through to it.
for interface in docker0 br-+; do rule filter INPUT -i "$interface" -d "$address" -j ACCEPT; done

listens() { grep -qE "^ *[0-9]+: $1:0035 " /proc/net/udp; }
hex=$(echo "$address" | { IFS=. read -r a b c d; printf '%02X%02X%02X%02X' "$d" "$c" "$b" "$a"; })
own=1 why=''
if [ -n "$name" ]; then
  /usr/local/sbin/fj-bellows-hosts "$name" "$address" || fail "cannot write $name into /etc/hosts"
  if [ -n "$docker" ]; then
    if ! command -v dnsmasq > /dev/null; then
      own='' why='there is no dnsmasq'
    elif ! listens "$hex"; then
      set -- --conf-file=/dev/null --user=nobody --listen-address="$address" --bind-interfaces --local="/$name/"
      if [ -n "$systemd" ]; then
        systemctl restart fj-bellows-dns || :
      else
        setsid dnsmasq --pid-file= "$@" < /dev/null > /dev/null 2>&1 || :
      fi
      tries=0
      until listens "$hex" || [ "$tries" -ge 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
      done
      listens "$hex" || own='' why='dnsmasq does not run'
    fi
  fi
fi

mkdir -p "${result%/*}"
if [ -n "$own" ]; then
  echo "own $address $high" > "$result.new"
else
  gateway=$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Gateway}}') && [ -n "$gateway" ] || fail "$why, and the engine's bridge has no address"
  echo "gateway $gateway $port $why" > "$result.new"
fi
chmod 644 "$result.new"
mv "$result.new" "$result"
