# The first boot of a worker. Its last deed is to report "ok"; every other end reports "failed", with the end of the log (invariant W4).
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022
mkdir -p "${report%/*}" "$jobs" "$work" "$cache"
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

if [ -d /run/systemd/system ]; then
  begin 'keeping the machine quiet'
  systemctl mask --now apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service || :
  if [ -d /etc/needrestart ]; then mkdir -p /etc/needrestart/conf.d && echo '$nrconf{restart} = "l";' > /etc/needrestart/conf.d/fj-bellows.conf; fi
fi

# curl may not be here yet. Any answer will do, and the certificate is the runner's business: nothing secret is sent.
answers() {
  python3 - "$probe" << 'END'
import ssl, sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=5, context=ssl._create_unverified_context())
except urllib.error.HTTPError:
    pass
END
}
if [ -n "$network" ] && [ -n "$probe" ]; then
  begin 'asking whether Forgejo can be reached without a tunnel'
  if answers 2> /dev/null; then network=''; fi
fi

if [ -n "$network" ] && [ -n "$docker" ]; then
  begin 'telling the engine where names are answered'
  mkdir -p /etc/docker
  # Before the engine's first start where it is installed here. What an image brings along stays.
  python3 - "$address" "$insecure" << 'END'
import json, os, sys
path = '/etc/docker/daemon.json'
old = json.load(open(path)) if os.path.exists(path) and os.path.getsize(path) else {}
new = dict(old)
new['dns'] = [sys.argv[1]]
if sys.argv[2]:
    new['insecure-registries'] = sorted(set(old.get('insecure-registries', [])) | {sys.argv[2]})
if new != old:
    json.dump(new, open(path, 'w'), indent=1)
    open('/run/fj-bellows/engine-changed', 'w').close()
END
fi

if [ -z "$prepared" ]; then
  begin 'installing packages'
  retry apt update
  want="ca-certificates curl iptables iproute2 $packages"
  if [ -n "$network" ] && [ -n "$docker" ]; then want="$want dnsmasq-base"; fi
  [ "$user" = root ] || want="$want sudo"
  if [ -n "$docker" ] && ! command -v dockerd > /dev/null; then
    # A kernel with AppArmor and no parser for its profiles starts no container.
    want="$want docker.io apparmor"
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
  if [ -d /run/systemd/system ]; then
    retry systemctl enable --now docker
    if [ -n "$prepared" ] && [ -e /run/fj-bellows/engine-changed ]; then systemctl restart docker; fi
  fi
  retry docker info > /dev/null
fi

if [ "$user" != root ]; then
  begin "preparing user $user"
  # An account with "!" may be refused at login even with a key; "*" has no password either.
  usermod -p '*' "$user"
  if [ -n "$docker" ]; then usermod -aG docker "$user"; fi
  chown "$user:" "$jobs" "$work" "$cache"
  echo 'net.ipv4.ip_unprivileged_port_start=0' > /etc/sysctl.d/60-fj-bellows.conf
  sysctl -q -p /etc/sysctl.d/60-fj-bellows.conf
  {
    echo "$user ALL=(root) NOPASSWD: $unit_helper"
    if [ -n "$forgejo_host" ]; then echo "$user ALL=(root) NOPASSWD: /usr/local/sbin/fj-bellows-hosts $forgejo_host"; fi
  } > /etc/sudoers.d/fj-bellows
  chmod 440 /etc/sudoers.d/fj-bellows
fi
if [ -n "$network" ]; then
  begin 'letting jobs reach Forgejo'
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable fj-bellows-network
    systemctl restart fj-bellows-network
  else
    "$network"
  fi
  read -r how listen rest < "$network_report"
  # Only this address, and loopback, may be listened on from outside; "yes" would open Forgejo to the world.
  match="Match User $user
  GatewayPorts clientspecified
  PermitListen $listen:${rest%% *} 127.0.0.1:*"
  mkdir -p /etc/ssh/sshd_config.d
  echo "$match" > /etc/ssh/sshd_config.d/00-fj-bellows.conf
  allowed() { sshd -T -C "user=$user,host=localhost,addr=127.0.0.1" | grep -qi '^gatewayports clientspecified'; }
  mkdir -p /run/sshd
  allowed || { echo "$match" >> /etc/ssh/sshd_config && allowed; } || { echo 'sshd does not let the tunnel choose its address'; exit 1; }
  if [ -d /run/systemd/system ]; then
    systemctl reload ssh 2> /dev/null || systemctl reload sshd || :
  elif [ -s /run/sshd.pid ]; then
    kill -HUP "$(cat /run/sshd.pid)"
  fi
elif [ -n "$forgejo_host" ]; then
  /usr/local/sbin/fj-bellows-hosts "$forgejo_host"
fi

if [ -f /var/lib/fj-bellows/run ]; then
  begin 'running worker.run'
  sh /var/lib/fj-bellows/run
fi

begin 'checking'
"$runner" --version

begin 'closing what jobs must not read'
sh /var/lib/cloud/scripts/per-boot/fj-bellows-seal
rm -f /var/lib/fj-bellows/run /var/lib/fj-bellows/bootstrap /var/lib/fj-bellows/steps
step=done
result=ok
