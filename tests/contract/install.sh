#!/bin/bash
# Run in a bare node of the lab: install the packages of Proxmox VE and Ceph, and give root the password $1.
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

repository pve pve-no-subscription
repository ceph-squid no-subscription
echo "root:$1" | chpasswd
if ! {
    apt-get -q update &&
        apt-get -q -y install proxmox-ve &&
        echo y | pveceph install --version squid --repository manual
} > "$log" 2>&1; then
    grep -i -B2 -A8 'error' "$log" | tail -n 30 >&2
    exit 1
fi
