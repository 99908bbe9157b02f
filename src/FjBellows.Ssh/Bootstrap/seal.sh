#!/bin/sh
# Takes the secrets of the first boot away from jobs (invariant S8), at every boot: cloud-init may have fetched them again.
set -eu
key=/etc/ssh/ssh_host_ed25519_key
if [ -f "$key" ]; then
  chmod 600 "$key"
  # Wherever a copy of the private host key lies, in clear or inside cloud-init's own state, the file goes or loses its content.
  # Not its first lines: they are the same in every key.
  mark=$(sed -n 4p "$key")
  packed=boundary
  find /var/lib/cloud /run/cloud-init -xdev -type f 2> /dev/null | while IFS= read -r file; do
    if grep -qF -e "$mark" -e "$packed=fjb" "$file"; then
      case $file in
        *.pkl) rm -f "$file" ;;
        *) : > "$file"; chmod 600 "$file" ;;
      esac
    fi
  done
fi
for file in /var/lib/cloud/instance/user-data.txt /var/lib/cloud/instance/user-data.txt.i; do
  if [ -f "$file" ]; then : > "$file"; chmod 600 "$file"; fi
done

# The metadata service hands the same document to whoever asks. Name service on the same address stays open. Containers on the
# machine's own network are indistinguishable from the machine, so it is closed to both.
command -v iptables > /dev/null || { echo "the metadata service cannot be closed to jobs: there is no iptables" >&2; exit 1; }
close() {
  tables=$1 chain=$2 address=$3
  "$tables" -w -n -L "$chain" > /dev/null 2>&1 || return 0
  "$tables" -w -C "$chain" -d "$address" -p tcp ! --dport 53 -j REJECT 2> /dev/null ||
    "$tables" -w -I "$chain" -d "$address" -p tcp ! --dport 53 -j REJECT
}
# Containers on networks of their own come this way, before any rule of the engine's.
drop() {
  "$1" -w -t mangle -C PREROUTING -d "$2" -p tcp ! --dport 53 -j DROP 2> /dev/null || "$1" -w -t mangle -I PREROUTING -d "$2" -p tcp ! --dport 53 -j DROP
}
iptables -w -n -L OUTPUT > /dev/null || { echo "the metadata service cannot be closed to jobs: iptables does not work" >&2; exit 1; }
drop iptables 169.254.169.254
for chain in DOCKER-USER OUTPUT; do
  close iptables "$chain" 169.254.169.254
  for address in fd00:ec2::254 fd00:a9fe:a9fe::1 fd20:ce::254 fe80::a9fe:a9fe; do
    close ip6tables "$chain" "$address"
  done
done
if ip6tables -w -n -L OUTPUT > /dev/null 2>&1; then
  for address in fd00:ec2::254 fd00:a9fe:a9fe::1 fd20:ce::254 fe80::a9fe:a9fe; do drop ip6tables "$address"; done
fi
