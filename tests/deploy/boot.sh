#!/bin/sh
# boot.sh ROOT SOURCE PREFIX BASE LAID PART USER: in namespaces of its own, starts a real systemd as process 1 in a
# root that is this machine's with the files of PART (terminal, hall) laid over it. Everything is written to memory.
set -eu
root="$1" source="$2" prefix="$3" base="$4" laid="$5" part="$6" user="$7"
mount --make-rprivate /
mount -t tmpfs none "$root"
mkdir "$root/up" "$root/work" "$root/all"
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/up,workdir=$root/work" "$root/all"
root="$root/all"

# What this machine starts by itself, or keeps of its own logs, is none of ours.
rm -rf "$root/etc/systemd/system" "$root/etc/fstab" "$root/var/log/journal"
mkdir -p "$root/etc/systemd/system"
cp -a "$source/config/deploy/machine/common/." "$source/config/deploy/machine/$part/." "$root/"
chroot "$root" sh -c 'getent group "$1" || groupadd --system "$1"
    getent passwd "$1" || useradd --system --gid "$1" --home "/var/lib/$1" --shell /usr/sbin/nologin "$1"
    mkdir -p "/var/lib/$1" && chown "$1:$1" "/var/lib/$1" && chmod 700 "/var/lib/$1"' sh "$user" > /dev/null

# The release: this source, and an environment that a user without rights can read (the interpreter may be root's).
mkdir -p "$root/opt/kiosk/source" "$root/opt/kiosk/python" "$root/opt/kiosk/current/.venv/bin" \
    "$root/opt/kiosk/current/.venv/lib"
mount --bind -o ro "$source" "$root/opt/kiosk/source"
mount --bind -o ro "$base" "$root/opt/kiosk/python"
mount --bind -o ro "$prefix/lib" "$root/opt/kiosk/current/.venv/lib"
echo 'home = /opt/kiosk/python/bin' > "$root/opt/kiosk/current/.venv/pyvenv.cfg"
ln -s /opt/kiosk/python/bin/python3 "$root/opt/kiosk/current/.venv/bin/python"
for entry in main.py build config drivers hall kiosk mqtt screens setup.cfg tests; do
    ln -s "/opt/kiosk/source/$entry" "$root/opt/kiosk/current/$entry"
done
# The fonts may be links into an environment elsewhere.
cp -rL "$source/build/assets" "$root/opt/kiosk/assets"
mount --bind -o ro "$root/opt/kiosk/assets" "$root/opt/kiosk/source/build/assets"
cp -a "$laid/." "$root/"
exec "$(dirname "$0")/as_process_1.sh" "$root"
