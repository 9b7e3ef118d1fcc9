"""Nodes with a kernel of their own, for what the host's kernel cannot do: device mapper, LVM, RAID, the NFS server.

The kernel is user-mode Linux, a Linux kernel built as a program, from Debian's package: it needs no virtualization, and
what runs on it runs at the processor's own speed. It has one processor. Cables and disks are those of any node: it
takes its packets from the node's end of each cable and its disks from the node's loop devices.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from . import disks
from .addresses import FOR_GUESTS, PREFIX_LENGTH, Link, node_name
from .debian_archive import DebianArchive
from .locks import locked
from .mirror import Mirror, debian_upstreams
from .namespace import within
from .network import LARGE, LINK_LOCAL, namespace_path
from .settings import CACHE, LAB_SOURCE, Lab
from .shell import run

SUITE = "forky"
"""Older ones do not start on processors with AMX, whose registers are larger than they expect."""
PACKAGE = "user-mode-linux"
MEMORY = "4096M"
_BOOT = LAB_SOURCE / "own_kernel.sh"
_HARDWARE = "etc/lab/hardware.sh"
_UNIT = "etc/systemd/system/lab-hardware.service"
_WANTED = "etc/systemd/system/sysinit.target.d/lab-hardware.conf"


def ensure() -> Path:
    """The kernel and its modules as a layer of a node's root; the newest of the suite, until the cache is dropped."""
    archive = DebianArchive(Mirror(debian_upstreams()["debian"], CACHE / "mirror" / "debian"), SUITE)
    folder = CACHE / "kernel"
    with locked(CACHE / ".kernel.lock"):
        if not folder.exists():
            partial = folder.with_name("kernel.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            run(["dpkg-deb", "--extract", archive.deb(archive.package(PACKAGE)), partial / "package"])
            kept = partial / "usr"
            (kept / "bin").mkdir(parents=True)
            (partial / "package/usr/bin/linux.uml").rename(kept / "bin" / "linux.uml")
            (kept / "lib").mkdir()
            (partial / "package/usr/lib/uml/modules").rename(kept / "lib" / "modules")
            shutil.rmtree(partial / "package")
            partial.replace(folder)
    return folder


def layer(lab: Lab, node: int) -> dict[str, str]:
    """What gives interfaces their names (and addresses, unless the node sets them), and disks links and numbers."""
    lines = ["#!/bin/sh", "set -e"]
    for link in lab.links:
        if link in FOR_GUESTS:
            lines += _socket(link, node)
            continue
        lines.append(f"ip link set vec{link.number} name {link.interface}")
        if not lab.own_network:
            lines.append(f"ip address add {link.address(node)}/{PREFIX_LENGTH} dev {link.interface}")
            lines.append(f"ip link set {link.interface} up")
    lines += [
        "mkdir -p /dev/disk/by-id",
        "for disk in /sys/block/ubd[b-z]; do",
        '    [ ! -e "$disk" ] || ln -sfn "../../${disk##*/}" "/dev/disk/by-id/lab-$(cat "$disk/serial")"',
        "done",
    ]
    unit = [
        "[Unit]\nDescription=Names of the lab's interfaces and disks\nDefaultDependencies=no",
        "Before=sysinit.target network-pre.target shutdown.target\nWants=network-pre.target",
        "Conflicts=shutdown.target\n",
        f"[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh /{_HARDWARE}",
        # the kernel starts itself anew at a reboot, and would find its cables still held by itself
        *(f"ExecStop=/sbin/ip {_down(link)}" for link in lab.links),
        "",
    ]
    rule = (
        'SUBSYSTEM=="block", KERNEL=="ubd[b-z]", ATTR{serial}=="?*", ENV{ID_SERIAL}="$attr{serial}",'
        f' ENV{{ID_SERIAL_SHORT}}="$attr{{serial}}", ENV{{ID_MODEL}}="{disks.MODEL}",'
        ' SYMLINK+="disk/by-id/lab-$attr{serial}"\n'
    )
    return {
        _HARDWARE: "\n".join(lines) + "\n",
        _UNIT: "\n".join(unit),
        _WANTED: "[Unit]\nWants=lab-hardware.service\n",
        "etc/udev/rules.d/61-lab-disks.rules": rule,
        "etc/fstab": "/dev/ubda / ext4 defaults 0 1\n",
    }


def _socket(link: Link, node: int) -> list[str]:
    """LACP wants to know how fast a port is, and the kernel's end of a cable does not tell: a veth stands before it.

    What is between the two is out of sight of the node, and passes on what no bridge passes on that is not told so.
    """
    inside, wire, plug = "ip -n cables", f"wire{link.number}", f"plug{link.number}"
    return [
        "[ -e /run/netns/cables ] || ip netns add cables",
        f"ip link set vec{link.number} name {wire} address 06:00:0a:0a:{link.number:02x}:{node:02x} netns cables",
        f"ip link add {link.interface} address {mac(link, node)} type veth peer name {plug} netns cables",
        f"{inside} link add socket{link.number} type bridge",
        *(f"{inside} link set {end} master socket{link.number} up" for end in (wire, plug)),
        *(f"{inside} link set {end} type bridge_slave group_fwd_mask {LINK_LOCAL}" for end in (wire, plug)),
        f"{inside} link set {plug} mtu {LARGE}",
        f"{inside} link set socket{link.number} up",
    ]


def _down(link: Link) -> str:
    return f"-n cables link set wire{link.number} down" if link in FOR_GUESTS else f"link set {link.interface} down"


def mac(link: Link, node: int) -> str:
    return f"02:00:0a:0a:{link.number:02x}:{node:02x}"


def command(lab: Lab, node: int) -> list[str]:
    """Boot the node; run where its root is mounted, which is copied to the node's own disk the first time."""
    folder = lab.node_dir(node)
    words = [f"mem={MEMORY}", f"umid={lab.name}-{node_name(node)}", "seccomp=auto", "root=/dev/ubda", "rw"]
    words += ["con=null", "con0=null,fd:1", "ubda=/mnt/root.img"]
    # the kernel's names follow the order, which follows the loop devices: `lab swap-disks` swaps those
    own = sorted(disks.attached(lab, node), key=lambda disk: int(disk.dev.removeprefix("/dev/loop")))
    words += [f"ubd{letter}={disk.dev},,{disk.serial}" for letter, disk in zip("bcdefghi", own)]
    for link in lab.links:
        words.append(f"vec{link.number}:transport=tap,ifname={link.tap},depth=128,gro=1,mac={mac(link, node)}")
        words[-1] += f",mtu={LARGE}" if link in FOR_GUESTS else ""
    return within(namespace_path(lab, node).name, "sh", str(_BOOT), str(folder / "root"), str(folder), *words)
