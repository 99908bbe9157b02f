#!/bin/sh
# Makes the two images that deploy/Dockerfile starts from, without any registry: an SDK out of this machine's .NET SDK and NuGet
# packages, and a base out of Debian's packages as they are installed here: the C libraries, OpenSSL, CA certificates, no shell.
# usage: mkbuildimages.sh SOCKET SDK-IMAGE BASE-IMAGE DOTNET_ROOT
# Needs Debian's packages busybox-static, ca-certificates and docker.io (or any docker command line).
set -eu
socket=$1 sdk=$2 base=$3 dotnet=$4
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# The libraries that a file needs, and those that .NET opens by name.
libraries() {
  for file in "$@"; do ldd "$file" | grep -o '/[^ ]*'; done
  for name in libssl.so.3 libcrypto.so.3 libgcc_s.so.1; do ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }'; done
}

mkdir -p "$root/base/etc/ssl/certs" "$root/base/tmp" "$root/base/run" "$root/base/var/lib" "$root/base/proc" "$root/base/sys" "$root/base/dev"
chmod 1777 "$root/base/tmp"
libraries "$dotnet/dotnet" "$dotnet"/shared/Microsoft.NETCore.App/*/*.so | grep -v "^$dotnet/" | sort -u | while read -r library; do
  mkdir -p "$root/base$(dirname "$library")"
  cp -Ln "$library" "$root/base$library"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/base/etc/ssl/certs/"
printf 'root:x:0:0::/:/none\nfj-bellows:x:65532:65532::/var/lib/fj-bellows:/none\n' > "$root/base/etc/passwd"
printf 'root:x:0:\nfj-bellows:x:65532:\n' > "$root/base/etc/group"
tar -C "$root/base" -c . | docker -H "unix://$socket" import - "$base"

cp -a "$root/base" "$root/sdk"
mkdir -p "$root/sdk/bin" "$root/sdk/root" "$root/sdk/usr/bin" "$root/sdk/usr/share"
cp /bin/busybox "$root/sdk/bin/busybox"
for applet in $(/bin/busybox --list); do
  [ "$applet" = busybox ] || ln -sf /bin/busybox "$root/sdk/bin/$applet"
done
ln -s /usr/share/dotnet/dotnet "$root/sdk/usr/bin/dotnet"
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
tar -c -C "$root/sdk" . -C / --transform "s,^${dotnet#/},usr/share/dotnet,;s,^${packages#/},nuget," "${dotnet#/}" "${packages#/}" \
  | docker -H "unix://$socket" import \
    -c 'ENV PATH=/usr/bin:/bin HOME=/root NUGET_FALLBACK_PACKAGES=/nuget DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1' \
    - "$sdk"
