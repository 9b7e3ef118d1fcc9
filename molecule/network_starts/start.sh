#!/bin/sh
# Leave on this node what an installer, an image or a provider leaves; it is in force after the next boot.
# usage: start.sh START ADDRESS      START is the name of a function below
set -eu
address=$2
gateway=10.10.1.1
main=/etc/network/interfaces
folder=/etc/network/interfaces.d
lo="auto lo
iface lo inet loopback"
export DEBIAN_FRONTEND=noninteractive

install() {
    apt-get -qq update
    apt-get -qq -y --no-install-recommends install "$@" > /dev/null
}

stanza() { # NAME: its address, as Debian's installer writes it
    printf 'iface %s inet static\n    address %s/24\n    gateway %s\n' "$1" "$address" "$gateway"
}

cloud() { # RENDERER: cloud-init with what a provider tells it, from standard input
    install cloud-init
    mkdir -p /var/lib/cloud/seed/nocloud
    cat > /var/lib/cloud/seed/nocloud/network-config
    echo "instance-id: lab" > /var/lib/cloud/seed/nocloud/meta-data
    echo "#cloud-config" > /var/lib/cloud/seed/nocloud/user-data
    # what a lab is reached by stays as it is
    cat > /etc/cloud/cloud.cfg.d/99-lab.cfg << CFG
datasource_list: [NoCloud]
system_info: {network: {renderers: [$1]}}
preserve_hostname: true
manage_etc_hosts: false
disable_root: false
ssh_deletekeys: false
users: []
apt: {preserve_sources_list: true}
CFG
}

ethernet() {
    cat << YAML
version: 2
ethernets:
  primary:
    match: {macaddress: "$(cat /sys/class/net/eno1/address)"}
    set-name: eno1
    addresses: [$address/24]
    routes: [{to: default, via: $gateway}]
    nameservers: {addresses: [$gateway]}
YAML
}

installer() { # Debian's
    printf 'source %s/*\n\n%s\n\nallow-hotplug eno1\n%s\n' "$folder" "$lo" "$(stanza eno1)" > "$main"
}

source_directory() { # Debian 11's cloud image
    install ifupdown
    printf 'source-directory %s\n' "$folder" > "$main"
    printf '%s\n\nauto eno1\n%s\n    dns-nameservers %s\n' "$lo" "$(stanza eno1)" "$gateway" > "$folder/50-cloud-init"
}

netplan() { # Debian's cloud image today
    ethernet | cloud netplan
    install netplan.io
    apt-get -qq -y purge ifupdown > /dev/null
    rm -rf /etc/network
    systemctl -q enable systemd-networkd.service
}

cloud_ifupdown() { # cloud-init writes a file that the main one sources
    ethernet | sed "s/routes: .*/gateway4: $gateway/" | cloud eni
    printf 'source %s/*\n' "$folder" > "$main"
}

cloud_bond() { # the same with a bond
    install ifenslave
    cloud eni << YAML
version: 2
ethernets: {eno1: {}, eno3: {}}
bonds:
  bond0:
    interfaces: [eno1, eno3]
    parameters: {mode: active-backup, mii-monitor-interval: 100, primary: eno1}
    addresses: [$address/24]
    gateway4: $gateway
YAML
    printf 'source %s/*\n' "$folder" > "$main"
}

networkd() { # a provider's image, with a file beside it that nobody reads
    printf '[Match]\nName=eno1\n\n[Network]\nAddress=%s/24\nGateway=%s\n' "$address" "$gateway" > /etc/systemd/network/10-main.network
    printf '%s\n' "$lo" > "$main"
    systemctl -q disable networking.service
    systemctl -q enable systemd-networkd.service
}

route() { # a provider's installer
    install net-tools
    printf '%s\n\nauto eno1\n%s\n    up route add -net 10.10.1.0 netmask 255.255.255.0 gw %s dev eno1\n' \
        "$lo" "$(stanza eno1)" "$gateway" > "$main"
}

iso() { # Proxmox VE's installation ISO
    IFUPDOWN2_NO_IFRELOAD=1 install ifupdown2
    mkdir -p /usr/lib/systemd/network/99-default.link.d # with Proxmox's own packages, a bridge has the address of its port
    printf '[Link]\nMACAddressPolicy=none\n' > /usr/lib/systemd/network/99-default.link.d/proxmox-mac-address-policy.conf
    cat > "$main" << TEXT
$lo

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address $address/24
	gateway $gateway
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0

iface eno2 inet manual

source $folder/*
TEXT
}

"$1"
sync
