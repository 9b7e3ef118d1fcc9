#!/bin/sh
# Boot a node on a kernel of its own (labtool/own_kernel.py), in the mount namespace in which its root is mounted.
# usage: own_kernel.sh ROOT FOLDER ARGUMENT...      FOLDER is where the node's disk with its system lies
set -eu
root=$1
folder=$2
shift 2
if [ ! -e "$folder/root.img" ]; then
    rm -f "$folder/root.img.partial"
    mke2fs -q -t ext4 -E root_owner=0:0 -d "$root" "$folder/root.img.partial" 12G
    mv "$folder/root.img.partial" "$folder/root.img"
fi
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$folder" "$root/mnt"
export TMPDIR=/dev/shm HOME=/root
# every system call on it takes two turns of the host's scheduler: on a busy host it would mostly wait
exec nice -n -10 chroot "$root" /usr/bin/linux.uml "$@"
