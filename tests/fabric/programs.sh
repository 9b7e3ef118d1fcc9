#!/bin/bash
# Unpack Debian's BIRD 1.6 and FRR into a folder, without installing them: programs.sh FOLDER
set -euo pipefail
folder=$(realpath -m "$1")
[ -x "$folder/usr/sbin/bird" ] && [ -x "$folder/usr/lib/frr/bgpd" ] && exit 0
mkdir -p "$folder"
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download bird frr libyang2 libc-ares2 libcap2
for package in *.deb; do dpkg -x "$package" .; done
