#!/bin/bash
# Run in a bare node of the lab: install the packages of Proxmox VE and Ceph, give root the password $1, and make the
# node like the recorded machines: a bridge above the first network card, no disks yet, root's home open to read.
set -euo pipefail

mirror=http://10.10.1.1
keyring=/usr/share/keyrings/baremetal-virt-lab.gpg
codename=$(sed -n s/^VERSION_CODENAME=//p /etc/os-release)
log=/var/log/contract-install.log
export DEBIAN_FRONTEND=noninteractive

repository() {
    printf 'Types: deb\nURIs: %s/proxmox/debian/%s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' \
        "$mirror" "$1" "$codename" "$2" "$keyring" > "/etc/apt/sources.list.d/contract-$1.sources"
}

address_of() {
    ip -oneline -4 address show dev "$1" | awk '{ print $4 }'
}

bridged() {
    local first second
    first=$(address_of eno1)
    second=$(address_of eno2)
    ip address flush dev eno1
    ip link set eno1 down
    ip link set eno2 down
    ip link set eno1 name eth0
    ip link set eno2 name eth1
    ip link add vmbr0 type bridge
    ip link set eth0 master vmbr0
    ip address add "$first" dev vmbr0
    for name in eth0 eth1 vmbr0; do
        ip link set "$name" up
    done
    cat > /etc/network/interfaces <<END
auto lo
iface lo inet loopback

iface eth0 inet manual

auto vmbr0
iface vmbr0 inet static
	address $first
	bridge-ports eth0
	bridge-stp off
	bridge-fd 0

auto eth1
iface eth1 inet static
	address $second
END
}

repository pve pve-no-subscription
repository ceph-squid no-subscription
echo "root:$1" | chpasswd
sed -i 's/ lab-[a-z0-9]*$/ lab-control/' /root/.ssh/authorized_keys
if ! {
    apt-get -q update &&
        apt-get -q -y --no-install-recommends install proxmox-ve ceph ceph-fuse ceph-mds ceph-volume gdisk nvme-cli
} > "$log" 2>&1; then
    grep -i -B2 -A8 'error' "$log" | tail -n 30 >&2
    exit 1
fi
chmod 0755 /root /root/.ssh
rm -rf /etc/lab/disks.json /dev/disk/by-id
# As on the recorded machines, the manager has its usual modules, and cannot load most of them.
rm /usr/share/pve-standin/ceph-mgr/bcrypt.py
sed -i 's/ --mgr_initial_modules=[a-z,]*//' /usr/lib/systemd/system/ceph-mon@.service.d/pve-standin.conf
systemctl daemon-reload
bridged
