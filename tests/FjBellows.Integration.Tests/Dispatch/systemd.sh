# A service manager of its own: systemd as process 1 of a machine's stand-in, which is made of this machine's programs and has nothing
# else of it but the directory $1. Runs in pid, mount, cgroup and host name namespaces of its own.
set -eu
dir=$1
root=$dir/root
mount --make-rprivate /
mkdir -p "$root"
mount -t tmpfs tmpfs "$root"
cd "$root"
for part in usr bin sbin lib lib64; do
  if [ -L "/$part" ]; then cp -a "/$part" "$part"; elif [ -d "/$part" ]; then mkdir "$part" && mount --rbind "/$part" "$part" && mount -o remount,bind,ro "$part"; fi
done
mkdir -p dev proc sys run tmp var/lib/fj-bellows root etc/pam.d etc/sudoers.d units ".$dir/worker"
chmod 1777 tmp
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --bind "$dir/worker" ".$dir/worker"
cp -a /etc/passwd /etc/group /etc/shadow /etc/nsswitch.conf /etc/ld.so.cache etc/
printf 'worker:x:1500:1500::/home/worker:/bin/sh\n' >> etc/passwd
printf 'worker:x:1500:\n' >> etc/group
mkdir -p home/worker
chown 1500:1500 home/worker
chown -R 1500:1500 "$dir/worker/jobs" "$dir/worker/work"
printf 'root ALL=(ALL) ALL\nworker ALL=(root) NOPASSWD: %s\n' "$dir/worker/helper" > etc/sudoers
chmod 440 etc/sudoers
printf 'auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n' > etc/pam.d/sudo
# No unit of this machine is ever started: these are all there are.
for target in test sysinit basic shutdown; do printf '[Unit]\nDefaultDependencies=no\n' > "units/$target.target"; done
export container=fjb SYSTEMD_UNIT_PATH=/units SYSTEMD_GENERATOR_PATH=/nowhere SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere
exec chroot . /usr/lib/systemd/systemd --system --unit=test.target --log-target=console
