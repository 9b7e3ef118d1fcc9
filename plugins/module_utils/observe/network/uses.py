# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who needs which interface of a node: its root disk, mounts, links of the cluster, networks of Ceph, and guests."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader
from ...model.ceph.conf import parse_conf
from ...model.ceph.state import CONF
from ...model.cluster.corosync_conf import parse_corosync_conf
from ...model.guest.guest import FOLDERS, folder_of
from ...model.network.interface import OVS_KIND, OVS_SYSTEM, IPAddress, Kernel, Use
from ..guest.text import parse_guest

COROSYNC = "/etc/pve/corosync.conf"
MOUNTS = "/proc/mounts"
SWAPS = "/proc/swaps"
CMDLINE = "/proc/cmdline"
ISCSI = ("iscsiadm", "-m", "session")
#: The kernel's own list of them, which iscsiadm reads.
SESSIONS = "/sys/class/iscsi_session"
_IBFT = "/sys/firmware/ibft/ethernet0/mac"
_NVME = "/sys/class/nvme"
#: Disks of other machines; the kernel tells nobody over which interface it reaches them.
_FAR = re.compile(r"/dev/(?:nbd|rbd|drbd)\S*")
_REMOTE = ("nfs", "nfs4", "cifs", "ceph", "smb3", "glusterfs")
_NET = re.compile(r"net\d+")
_SESSION = re.compile(r"^\w+: \[\d+\] (?P<host>\[[^\]]+\]|[^:]+):\d+,-?\d+ (?P<target>\S+)", re.MULTILINE)


def observe(reader: Reader, kernel: Kernel, node: str) -> tuple[Use, ...]:
    """Each also for what the kernel shows below: ports of a bridge, members of a bond, what a VLAN stands on."""
    found = (
        *_disks(reader, kernel),
        *_mounts(reader, kernel),
        *_far_disks(reader, kernel),
        *_guests(reader, node),
        *_links(reader, kernel, node),  # what is asked of the cluster comes last: one node answers it for all
        *_ceph(reader, kernel),
    )
    return tuple(dict.fromkeys(one for use in found for one in _with_lower(use, kernel)))


def _with_lower(use: Use, kernel: Kernel) -> Iterator[Use]:
    yield use
    for link in kernel.links.values():
        if link.master == use.interface:
            yield from _with_lower(replace(use, interface=link.name), kernel)
    used = kernel.links.get(use.interface)
    for link in kernel.links.values() if used is not None and used.kind == OVS_KIND else ():
        if link.master == OVS_SYSTEM:
            yield from _with_lower(replace(use, interface=link.name), kernel)
    if used is not None and used.below in kernel.links:
        yield from _with_lower(replace(use, interface=used.below, tag=None), kernel)


def _towards(reader: Reader, host: str) -> Optional[str]:
    """The interface over which this node speaks to an address."""
    routes = reader.run_json("ip", "-json", "route", "get", host) or ()
    return next((str(route["dev"]) for route in routes if "dev" in route), None)


def _sessions(reader: Reader) -> str:
    """As iscsiadm lists them; nothing where the kernel has none. Which disk hangs on one is never guessed."""
    if not reader.names(SESSIONS):
        return ""
    done = reader.run(*ISCSI)
    if done.rc != 0:
        raise Unreadable(
            f"The kernel has iSCSI sessions, and `{' '.join(ISCSI)}` does not tell them: {done.stderr.strip()}.",
            "Install open-iscsi.",
        )
    return done.stdout


def _disks(reader: Reader, kernel: Kernel) -> Iterator[Use]:
    """What the machine may have booted from; whether its root is on it, a rollback had better not find out."""
    for session in _SESSION.finditer(_sessions(reader)):
        interface = _towards(reader, session["host"].strip("[]"))
        if interface:
            yield Use(
                interface, f"a disk that may be that of the root file system (iSCSI, {session['target']})", "root"
            )
    mac = (reader.read(_IBFT) or "").strip().lower()
    for link in kernel.links.values() if mac else ():
        if mac in (link.mac, link.permanent_mac):
            yield Use(link.name, "the root file system: the firmware booted over it (iSCSI, iBFT)", "root")
    for name in reader.names(_NVME):
        kind = (reader.read(f"{_NVME}/{name}/transport") or "").strip()
        address = re.search(r"traddr=([^,\s]+)", reader.read(f"{_NVME}/{name}/address") or "")
        interface = _towards(reader, address[1]) if kind in ("tcp", "rdma") and address else None
        if interface:
            yield Use(interface, f"the disk {name} (NVMe over {kind})", "root")
    for word in (reader.read(CMDLINE) or "").split():
        device = word[3:].split(":")[5:6] if word.startswith("ip=") else []
        if device and device[0] in kernel.links:
            yield Use(device[0], f"the root file system: the kernel was started with {word}", "root")


def _mounts(reader: Reader, kernel: Kernel) -> Iterator[Use]:
    for line in (reader.read(MOUNTS) or "").splitlines():
        source, place, kind, options = (line.split() + [""] * 4)[:4]
        address = re.search(r"(?:^|,)addr=([^,]+)", options)
        host = address[1] if address else source.rpartition(":")[0].strip("[]") if kind == "ceph" else ""
        if kind in _REMOTE and host:
            interface = _towards(reader, host.split(",")[0].strip("[]"))
            if interface:
                yield Use(interface, f"what is mounted at {place} ({kind}, {source})", "root")


def _far_disks(reader: Reader, kernel: Kernel) -> Iterator[Use]:
    """What is mounted or swapped to over the network, as a block device: it may be any interface with an address."""
    lines = [line for path in (MOUNTS, SWAPS) for line in (reader.read(path) or "").splitlines()]
    found = [device[0] for line in lines for device in [_FAR.match(line)] if device]
    for interface in [link.name for link in kernel.links.values() if link.addresses and link.name != "lo" and found]:
        yield Use(interface, f"the disk of another machine {found[0]}, of which nobody tells how it is reached", "root")


def _links(reader: Reader, kernel: Kernel, node: str) -> Iterator[Use]:
    text = reader.read(COROSYNC, scope=CLUSTER)
    member = next((one for one in parse_corosync_conf(text).members if one.name == node), None) if text else None
    for number, address in member.links.items() if member else ():
        for interface, ip in _own(kernel):
            if address == str(ip):
                yield Use(interface, f"link{number} of the cluster", "corosync", str(ip))


def _ceph(reader: Reader, kernel: Kernel) -> Iterator[Use]:
    conf = parse_conf(reader.read(CONF, scope=CLUSTER) or "")
    if conf is None:
        return
    for what, networks in (("public", conf.public_network), ("cluster", conf.cluster_network)):
        for interface, ip in _own(kernel):
            if any(_within(ip, network) for network in networks):
                yield Use(interface, f"Ceph's {what} network", "ceph", str(ip))


def _within(ip: IPAddress, network: str) -> bool:
    try:
        return ip in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _own(kernel: Kernel) -> Iterator[tuple[str, IPAddress]]:
    for link in kernel.links.values():
        for address in link.addresses:
            yield link.name, address.ip


def _guests(reader: Reader, node: str) -> Iterator[Use]:
    for kind in FOLDERS:
        folder = folder_of(kind, node)
        for name in reader.names(folder):
            config = parse_guest(reader.read(f"{folder}/{name}") or "")
            title = f"{'VM' if kind == 'qemu' else 'container'} {name.partition('.')[0]}"
            for key, value in sorted(config.items()):
                given = dict(part.partition("=")[::2] for part in value.split(",")) if _NET.fullmatch(key) else {}
                if given.get("bridge"):
                    tag = given.get("tag", "")
                    yield Use(given["bridge"], title, "guest", tag=int(tag) if tag.isdecimal() else None)
