#!/bin/bash
# What clients of the NFS server do and see. Each is a network namespace: clientN has 10.91.N.2, the server 10.91.N.1.
# usage: clients.sh make | squash | copy | changed | copied | exported | gone
set -euo pipefail

fail() { echo "$*" >&2; exit 1; }
in_client() { nsenter --net="/run/netns/client$1" -- "${@:2}"; }
as_user() { setpriv --reuid=1000 --regid=1000 --clear-groups -- "$@"; }
mount_of() { # CLIENT VERSION PATH TARGET
    mkdir -p "$4"
    in_client "$1" mount -t nfs -o "vers=$2,nolock,soft,timeo=100,retrans=3" "10.91.$1.1:$3" "$4"
}
owner_of() { stat --format %u:%g "$1"; }

make() {
    for number in 1 2 3 4; do
        ip netns add "client$number"
        ip link add "server$number" type veth peer name uplink netns "client$number"
        ip address add "10.91.$number.1/24" dev "server$number"
        ip link set "server$number" up
        ip -n "client$number" address add "10.91.$number.2/24" dev uplink
        ip -n "client$number" link set uplink up
        ip -n "client$number" link set lo up
    done
    mkdir -p /srv/memory
    mount -t ramfs none /srv/memory
}

squash() {
    for version in 3 4.2; do
        number=${version%%.*}
        mount_of 1 "$version" /srv/share "/mnt/share$number"
        mount_of 2 "$version" "/srv/iso images" "/mnt/iso$number"
        grep -q " /mnt/share$number nfs4\?.*vers=$version," /proc/mounts || fail "not mounted with version $version"
        # images: root is root, and a user is nobody special
        echo data > "/mnt/share$number/root$number"
        [ "$(owner_of "/srv/share/root$number")" = 0:0 ] || fail "root is squashed where it must not be"
        ! as_user touch "/mnt/share$number/user" 2> /dev/null || fail "a user may write to a directory of root's"
        mkdir "/mnt/share$number/open$number" && chmod 0777 "/mnt/share$number/open$number"
        as_user touch "/mnt/share$number/open$number/user"
        [ "$(owner_of "/srv/share/open$number/user")" = 1000:1000 ] || fail "a user is not itself"
        # ISO images: root is nobody, which owns the directory and may write
        echo data > "/mnt/iso$number/root$number"
        [ "$(owner_of "/srv/iso images/root$number")" = 65534:65534 ] || fail "root is not squashed"
        ! as_user touch "/mnt/iso$number/user" 2> /dev/null || fail "a user may write to a directory of nobody's"
    done
    umount /mnt/iso3 /mnt/iso4 /mnt/share3
    echo "root and users are who they should be, over NFSv3 and v4"
}

copy() {
    head --bytes=40M /dev/urandom > /root/source
    # about a minute at least, each block on the server's disk before the next
    cat > /root/copy.sh <<'COPY'
set -e
for block in $(seq 0 79); do
    dd if=/root/source of=/mnt/share4/copied bs=512K skip="$block" seek="$block" count=1 conv=notrunc,fsync status=none
    sleep 0.7
done
COPY
    systemd-run --quiet --unit=copying --property=RemainAfterExit=yes sh /root/copy.sh
}

changed() {
    [ "$(systemctl show --property=SubState --value copying)" = running ] || fail "the copy has not lasted long enough"
    mount_of 3 4.2 /srv/share /mnt/readonly
    ! touch /mnt/readonly/no 2> /dev/null || fail "a client that may only read has written"
    umount /mnt/readonly
    mount_of 4 4.2 /srv/more /mnt/more
    umount /mnt/more
    ! mount_of 2 4.2 /srv/share /mnt/refused 2> /dev/null || fail "a network that was taken away may still mount"
    ! mount_of 2 3 /srv/share /mnt/refused 2> /dev/null || fail "a network that was taken away may still mount (v3)"
    [ "$(cat /proc/fs/nfsd/threads)" = 4 ] || fail "the server was not given its threads"
    echo "the change holds, and the copy goes on"
}

copied() {
    for _second in $(seq 600); do
        [ "$(systemctl show --property=SubState --value copying)" = running ] || break
        sleep 1
    done
    [ "$(systemctl show --property=Result --value copying)" = success ] || fail "$(journalctl --unit=copying)"
    cmp /root/source /srv/share/copied
    ! journalctl --dmesg --grep='nfs: server .* (not responding|error)' --quiet | grep . || fail "the client met errors"
    echo "copied without an error"
}

exported() {
    mount_of 2 4.2 /srv/share /mnt/again
    [ "$(cat /mnt/again/root4)" = data ]
    umount /mnt/again
    ! exportfs -s | grep memory || fail "what exportfs refused is exported"
    ! grep memory /etc/exports.d/* || fail "what exportfs refused is declared"
    echo "what was exported still is"
}

gone() {
    [ -z "$(exportfs -s)" ] || fail "still exported: $(exportfs -s)"
    ! grep -v '^#' /etc/exports.d/*.exports || fail "still declared"
    ! mount_of 2 4.2 /srv/share /mnt/refused 2> /dev/null || fail "still mounted by others"
    ! timeout 30 ls /mnt/share4 > /dev/null 2>&1 || fail "a client that has it mounted still sees it"
    umount --force --lazy /mnt/share4
    cmp /root/source /srv/share/copied
    [ "$(cat "/srv/iso images/root3" /srv/share/root4)" = $'data\ndata' ] || fail "data are gone"
    systemctl is-active --quiet nfs-server || fail "the server does not run"
    echo "nothing is exported, the data are untouched"
}

"$1"
