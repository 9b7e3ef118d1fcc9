#!/bin/bash
# Unpack Debian's CNI plugins, containerd and iptables into a folder, without installing them: programs.sh FOLDER
set -euo pipefail
folder=$(realpath -m "$1")
[ -x "$folder/bin/iptables" ] && exit 0
mkdir -p "$folder/bin"
cd "$folder"
apt-get -qq download containernetworking-plugins containerd runc iptables nftables libip4tc2 libip6tc2 libxtables12 \
  libnftnl11 libmnl0 libnetfilter-conntrack3 libnfnetlink0 libnftables1
for package in ./*.deb; do dpkg -x "$package" .; done
for name in containerd runc; do ln -sf "../usr/bin/$name" bin/; done
ln -sf ../usr/sbin/nft bin/
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -sf ../usr/sbin/xtables-nft-multi "bin/$name"
done
