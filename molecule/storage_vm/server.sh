#!/bin/bash
# What storages lie on. On every node two volume groups, one with a thin pool, each with somebody's data; on one node
# also an iSCSI target with an empty LUN, and an SMB share.
# usage: server.sh disks DISK DISK | server.sh serve USER < PASSWORD | server.sh password USER < PASSWORD
set -euo pipefail

target=iqn.2026-01.test.lab:store
serial=12345678-9abc-4def-8123-456789abcdef

disks() { # DISK DISK
    vgcreate --quiet vgdata "$1"
    lvcreate --quiet --name theirs --size 32M vgdata
    vgcreate --quiet vgthin "$2"
    lvcreate --quiet --yes --type thin-pool --name pool --size 2G vgthin
    lvcreate --quiet --name theirs --virtualsize 32M --thinpool vgthin/pool
    for group in vgdata vgthin; do
        head --bytes=32M /dev/urandom | tee "/root/$group" > "/dev/$group/theirs"
    done
}

serve() { # USER
    mkdir -p /srv/luns /srv/files
    targetcli /backstores/fileio create name=store file_or_dev=/srv/luns/store size=2G sparse=true wwn="$serial"
    targetcli /iscsi create "$target"
    targetcli "/iscsi/$target/tpg1/luns" create /backstores/fileio/store
    targetcli "/iscsi/$target/tpg1" set attribute generate_node_acls=1 demo_mode_write_protect=0 authentication=0
    useradd --no-create-home --shell /usr/sbin/nologin "$1"
    chown "$1" /srv/files
    cat > /etc/samba/smb.conf <<SMB
[global]
server role = standalone server
map to guest = never
[files]
path = /srv/files
read only = no
valid users = $1
SMB
    systemctl restart smbd
    password "$1"
}

password() { # USER
    local word
    read -r word
    printf '%s\n%s\n' "$word" "$word" | smbpasswd -s -a "$1"
}

"$@"
