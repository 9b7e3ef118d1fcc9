#!/bin/bash
# What guests and people do with the storages of a node: make volumes, write, read, remove.
# usage: volumes.sh own | make | find | zeros
set -euo pipefail

fail() { echo "$*" >&2; exit 1; }
write() { dd if="$1" of="$2" bs=1M oflag=direct status=none; }
read_back() { dd if="$1" bs=1M count=8 iflag=direct status=none; }
# pvesm prints a line for each volume; all are read, or it would meet a closed pipe
has() { pvesm list "$1" | awk -v wanted="$1:$2" '$1 == wanted { found = 1 } END { exit !found }'; }
pattern() { head --bytes=8M /dev/zero | tr '\0' x > /root/kept; }

own() {
    head --bytes=8M /dev/urandom > /root/written
    for name in disks thin; do
        pvesm alloc $name 100 vm-100-disk-7 64M
        device=$(pvesm path $name:vm-100-disk-7)
        write /root/written "$device"
        read_back "$device" | cmp - /root/written
        has $name vm-100-disk-7 || fail "$name does not list its volume"
        pvesm free $name:vm-100-disk-7
        ! has $name vm-100-disk-7 || fail "$name still lists a volume that was removed"
    done
}

make() { # on the disk of the target and on the share, for every node to find
    pattern
    pvesm alloc store 100 vm-100-disk-0 64M
    write /root/kept /dev/vgstore/vm-100-disk-0
    lvchange -an vgstore/vm-100-disk-0
    cp /root/kept /mnt/pve/files/template/iso/kept.iso
}

find() {
    pattern
    has store vm-100-disk-0 || fail "the volume on the disk of the target is not listed"
    lvchange -aey vgstore/vm-100-disk-0
    read_back /dev/vgstore/vm-100-disk-0 | cmp - /root/kept
    lvchange -an vgstore/vm-100-disk-0
    has files iso/kept.iso || fail "the file on the share is not listed"
    cmp /root/kept /mnt/pve/files/template/iso/kept.iso
}

zeros() { # with saferemove: the next volume, in the same place, holds nothing of the last one
    pvesm free store:vm-100-disk-0
    pvesm alloc store 101 vm-101-disk-0 64M
    ! grep -q x /dev/vgstore/vm-101-disk-0 || fail "a removed volume can still be read"
    pvesm free store:vm-101-disk-0
}

"$@"
