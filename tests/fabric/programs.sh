#!/bin/bash
# Unpack Debian's BIRD 1.6 and 2.0 into a folder, without installing them: programs.sh FOLDER
set -euo pipefail
folder=$(realpath -m "$1")
[ -x "$folder/usr/sbin/bird2" ] && exit 0
mkdir -p "$folder/second"
cd "$folder"
apt-get -qq download bird bird2 libssh-gcrypt-4
for package in bird_*.deb libssh-gcrypt-4_*.deb; do dpkg -x "$package" .; done
dpkg -x bird2_*.deb second
mv second/usr/sbin/bird usr/sbin/bird2
