#!/bin/sh
# Makes a worker image without any registry: Debian's busybox, the C libraries that .NET needs, and the sandbox's runner in
# forgejo-runner's place. The runner's program and the .NET runtime are not in it: they are mounted from the host,
#   /usr/share/dotnet (the host's runtime) and /opt/fj-bellows (the directory of fj-bellows.dll), both read-only.
# Debian's static busybox has a wget that crashes where it looks for a host, so the host's curl goes in too.
# usage: mkimage.sh SOCKET NAME DOTNET_ROOT
# Needs Debian's packages busybox-static, curl and docker.io (or any docker command line).
set -eu
socket=$1
name=$2
dotnet=$3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/bin" "$root/etc" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/root" "$root/run" "$root/var/run" \
  "$root/usr/bin" "$root/usr/local/bin" "$root/usr/share/dotnet" "$root/opt/fj-bellows"
chmod 1777 "$root/tmp"
cp /bin/busybox "$root/bin/busybox"
for applet in $(/bin/busybox --list); do
  [ "$applet" = busybox ] || ln -sf /bin/busybox "$root/bin/$applet"
done
ln -s /bin/busybox "$root/usr/bin/env"
printf 'root:x:0:0:root:/root:/bin/sh\nrunner:x:1000:1000::/tmp:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nrunner:x:1000:\n' > "$root/etc/group"
printf '127.0.0.1 localhost\n' > "$root/etc/hosts"

cp "$(command -v curl)" "$root/usr/bin/curl"
for file in "$root/usr/bin/curl" "$dotnet/dotnet" "$dotnet"/shared/Microsoft.NETCore.App/*/libcoreclr.so "$dotnet"/shared/Microsoft.NETCore.App/*/libSystem.Native.so; do
  ldd "$file" | grep -o '/[^ ]*'
done | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -Ln "$library" "$root$library"
done

cat > "$root/usr/local/bin/forgejo-runner" <<'RUNNER'
#!/bin/sh
exec /usr/share/dotnet/dotnet /opt/fj-bellows/fj-bellows.dll sandbox-runner "$@"
RUNNER
chmod 755 "$root/usr/local/bin/forgejo-runner"

tar -C "$root" -c . | docker -H "unix://$socket" import \
  -c 'ENV PATH=/usr/local/bin:/usr/bin:/bin DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_EnableDiagnostics=0' \
  -c 'CMD ["/bin/sh", "-c", "echo this image has nothing to do; exit 3"]' \
  - "$name"
