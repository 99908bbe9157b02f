# The first boot of a worker. Its last deed is to report "ok"; every other end reports "failed", with the end of the log (invariant W4).
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
mkdir -p "${report%/*}" "$jobs" "$work"
exec >> "$log" 2>&1 < /dev/null

result=failed
say() {
  { echo "$result"; tail -n 40 "$log"; } > "$report.new"
  chmod 644 "$report.new"
  mv "$report.new" "$report"
}
trap 'code=$?; [ "$result" = ok ] || echo "bootstrap: ended with $code while: $step"; say' EXIT
trap 'exit 143' HUP INT TERM
step=starting
begin() { step=$1; echo "bootstrap: $step"; }

retry() {
  tries=1
  until "$@"; do
    [ "$tries" -lt 5 ] || return 1
    echo "bootstrap: attempt $tries failed: $*"
    sleep $((tries * 3))
    tries=$((tries + 1))
  done
}

# The checksum comes from where the runner does: whoever may redirect to plain http may replace both.
fetch() { curl -fsSL --connect-timeout 15 --max-time 300 --proto-redir "$redirects" -o "$2" "$1"; }
apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }

if [ -z "$prepared" ]; then
  begin 'installing packages'
  retry apt update
  want="ca-certificates curl $packages"
  [ "$user" = root ] || want="$want sudo"
  if [ -n "$docker" ] && ! command -v dockerd > /dev/null; then
    # A kernel with AppArmor and no parser for its profiles starts no container.
    want="$want docker.io iptables apparmor"
    # Debian 13 ships the client apart, and only recommends it.
    if apt-cache show docker-cli > /dev/null 2>&1; then want="$want docker-cli"; fi
  fi
  retry apt install --no-install-recommends $want

  begin "installing forgejo-runner $version"
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) echo "no forgejo-runner is known for $(uname -m)"; exit 1 ;;
  esac
  retry fetch "$download$arch" /var/lib/fj-bellows/runner
  retry fetch "$download$arch.sha256" /var/lib/fj-bellows/runner.sha256
  read -r sum rest < /var/lib/fj-bellows/runner.sha256 || [ -n "$sum" ]
  echo "$sum  /var/lib/fj-bellows/runner" | sha256sum -c -
  install -D -m 755 /var/lib/fj-bellows/runner "$runner"
  rm -f /var/lib/fj-bellows/runner /var/lib/fj-bellows/runner.sha256
fi

if [ -n "$docker" ]; then
  begin 'starting Docker'
  if [ -d /run/systemd/system ]; then retry systemctl enable --now docker; fi
  retry docker info > /dev/null
fi

if [ "$user" != root ]; then
  begin "preparing user $user"
  # An account with "!" may be refused at login even with a key; "*" has no password either.
  usermod -p '*' "$user"
  if [ -n "$docker" ]; then usermod -aG docker "$user"; fi
  chown "$user:" "$jobs" "$work"
  echo 'net.ipv4.ip_unprivileged_port_start=0' > /etc/sysctl.d/60-fj-bellows.conf
  sysctl -q -p /etc/sysctl.d/60-fj-bellows.conf
  if [ -n "$forgejo_host" ]; then
    echo "$user ALL=(root) NOPASSWD: /usr/local/sbin/fj-bellows-hosts $forgejo_host" > /etc/sudoers.d/fj-bellows
    chmod 440 /etc/sudoers.d/fj-bellows
  fi
fi
if [ -n "$forgejo_host" ]; then /usr/local/sbin/fj-bellows-hosts "$forgejo_host"; fi

if [ -f /var/lib/fj-bellows/run ]; then
  begin 'running worker.run'
  sh /var/lib/fj-bellows/run
fi

begin 'checking'
"$runner" --version

begin 'closing what jobs must not read'
sh /var/lib/cloud/scripts/per-boot/fj-bellows-seal
rm -f /var/lib/fj-bellows/run /var/lib/fj-bellows/bootstrap
step=done
result=ok
