# Boots a machine's stand-in: a root of its own made of this machine's programs, the real cloud-init on the user data in $1, then sshd.
# Runs in a network, mount and host name namespace of its own. apt-get and Docker are stand-ins: there is no network to install from.
set -eu
dir=$1
root=$dir/root
mkdir -p "$root"
mount -t tmpfs tmpfs "$root"
cd "$root"
for part in usr bin sbin lib lib64; do
  if [ -L "/$part" ]; then cp -a "/$part" "$part"; else mkdir "$part"; mount --rbind "/$part" "$part"; fi
done
mount -t tmpfs tmpfs usr/local
mkdir -p usr/local/bin usr/local/sbin dev proc sys run/sshd tmp root home var/lib/cloud/seed/nocloud var/log var/tmp
chmod 1777 tmp var/tmp
mount --rbind /dev dev
mount --rbind /proc proc
cp -a /etc etc
printf '127.0.0.1 localhost\n' > etc/hosts
rm -f etc/ssh/ssh_host_* etc/ssh/sshd_config.d/*
cp "$dir/user-data" var/lib/cloud/seed/nocloud/user-data
printf 'instance-id: i-1\nlocal-hostname: worker\n' > var/lib/cloud/seed/nocloud/meta-data
cat > etc/cloud/cloud.cfg <<'END'
datasource_list: [ NoCloud, None ]
network: { config: disabled }
disable_root: true
cloud_init_modules: [ write-files, users-groups, ssh ]
cloud_config_modules: [ runcmd ]
cloud_final_modules: [ scripts-per-boot, scripts-user ]
system_info: { distro: debian }
END
rm -rf etc/cloud/cloud.cfg.d
for stub in apt-get apt-cache dockerd; do printf '#!/bin/sh\necho "%s $*" >> /var/log/stubs\n' "$stub" > "usr/local/bin/$stub"; done
printf '#!/bin/sh\necho 20.10\n' > usr/local/bin/docker
# What a prepared image holds: programs, and directories of this machine at their own paths.
if [ -d "$dir/programs" ]; then cp "$dir"/programs/* usr/local/bin/; fi
if [ -f "$dir/shared" ]; then
  while IFS= read -r part; do
    if [ ! -d ".$part" ]; then mkdir -p ".$part"; mount --bind -o ro "$part" ".$part"; fi
  done < "$dir/shared"
fi
chmod 755 usr/local/bin/*
# A user made for Docker finds the group its package makes.
chroot . groupadd -f docker
# Docker's own chain for rules of others.
iptables -N DOCKER-USER

chroot . cloud-init init --local
chroot . cloud-init init
chroot . /usr/sbin/sshd -D -e &
chroot . cloud-init modules --mode=config
chroot . cloud-init modules --mode=final || :
echo 'first boot is over' >&2
wait
