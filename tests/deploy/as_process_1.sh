#!/bin/sh
# as_process_1.sh ROOT: in namespaces of its own, starts ROOT's systemd as process 1, into its kiosk-test.target.
set -eu
root="$1"
mount -t proc proc "$root/proc"
# The kernel is not ours alone: what this machine would tell it (sysctl) stays unsaid.
for told in sys sysrq-trigger; do
    [ -e "$root/proc/$told" ] || continue
    mount --bind "$root/proc/$told" "$root/proc/$told"
    mount -o remount,bind,ro "$root/proc/$told"
done
mountpoint -q "$root/sys" || mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs none "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 none "$root/run"
mount -t tmpfs -o mode=1777 none "$root/tmp"
mount -t tmpfs -o mode=755 none "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
touch "$root/dev/console" # nothing is said there
mount -t tmpfs -o mode=1777 none "$root/dev/shm"
ip link set lo up
echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=kiosk-test chroot "$root" /lib/systemd/systemd --system --unit=kiosk-test.target
