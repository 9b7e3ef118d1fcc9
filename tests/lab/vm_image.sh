#!/bin/sh
# The disk of the virtual machine (labtool/vm.py): Debian with its cloud kernel, an NFS client, and the package of the
# NFS server downloaded but not installed: that is the role's work. Run in a mount namespace of its own.
# usage: vm_image.sh FOLDER MIRROR        FOLDER holds the key pairs `login` and `host`
set -eu
folder=$1
mirror=$2
root=$folder/tmpfs/root
mkdir "$folder/tmpfs"
mount -t tmpfs none "$folder/tmpfs"

# shellcheck disable=SC2016 # $1 is mmdebstrap's
mmdebstrap --quiet --variant=minbase \
    --include=systemd,systemd-sysv,udev,dbus,openssh-server,python3,iproute2,procps,kmod,netbase,nfs-common,initramfs-tools,linux-image-cloud-amd64 \
    --aptopt='Acquire::Languages none' \
    --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"' \
    --essential-hook='printf "MODULES=list\nCOMPRESS=gzip\n" > "$1/etc/initramfs-tools/conf.d/vm"' \
    --essential-hook='printf "virtio_pci\nvirtio_blk\next4\n" > "$1/etc/initramfs-tools/modules"' \
    --skip=cleanup/apt \
    --customize-hook='chroot "$1" apt-get -q clean' \
    --customize-hook='chroot "$1" apt-get -q --yes --no-install-recommends --download-only install nfs-kernel-server' \
    trixie "$root" "deb $mirror trixie main"

echo nfs1 > "$root/etc/hostname"
printf '127.0.0.1 localhost\n10.0.2.15 nfs1\n' > "$root/etc/hosts"
echo '/dev/vda / ext4 defaults 0 1' > "$root/etc/fstab"
echo 0123456789abcdef0123456789abcdef > "$root/etc/machine-id"
echo virtio_net > "$root/etc/modules-load.d/vm.conf"
printf '[Match]\nType=ether\nName=en* eth*\n[Network]\nAddress=10.0.2.15/24\n' > "$root/etc/systemd/network/vm.network"
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\n' > "$root/etc/systemd/journald.conf.d/vm.conf"
mkdir -p "$root/root/.ssh"
chmod 0700 "$root/root/.ssh"
cp "$folder/login.pub" "$root/root/.ssh/authorized_keys"
rm -f "$root"/etc/ssh/ssh_host_*
install -m 0600 "$folder/host" "$root/etc/ssh/ssh_host_ed25519_key"
cp "$folder/host.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
chroot "$root" systemctl --quiet enable systemd-networkd ssh
# what a first boot would compute, and what nobody waits for; each costs seconds on an emulated processor
for unit in systemd-firstboot systemd-hwdb-update systemd-journal-catalog-update ldconfig systemd-update-done \
    systemd-journal-flush systemd-networkd-wait-online systemd-timesyncd serial-getty@ttyS0 getty@tty1 \
    rpc-statd-notify e2scrub_reap; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
done
for timer in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
    ln -sf /dev/null "$root/etc/systemd/system/$timer.timer"
done
touch "$root/etc/.updated" "$root/var/.updated"

cp "$root"/boot/vmlinuz-* "$folder/vmlinuz"
cp "$root"/boot/initrd.img-* "$folder/initrd"
mke2fs -q -t ext4 -E root_owner=0:0 -d "$root" "$folder/disk.img" 2500M
umount "$folder/tmpfs"
rmdir "$folder/tmpfs"
