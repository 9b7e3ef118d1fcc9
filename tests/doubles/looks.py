"""Looks at the nodes of a site that was never there: a healthy one, and nights in which parts of it do not answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.osd import ObservedOsds, OsdPart
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.placement_group import Copy, PlacementGroup
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import CephData, Monitors, OsdUse
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import (
    CephCluster,
    CephConf,
    CephNode,
    Check,
    CrushRule,
    ObservedCeph,
    Osd,
    Pool,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import (
    CorosyncConfig,
    Member,
    Membership,
    ObservedCluster,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.links import Links
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running import RunningCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import RunningLink
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.upgrade import PendingUpdate, PendingUpdates
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest, GuestKind
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.ha import HighAvailability
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import GuestOverview, Lrm
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.volumes import Volume
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.certificate import Certificate
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk import Disk, Use
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Address, Host
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.look import (
    CephLook,
    NodeLook,
    SiteLook,
    Unknown,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.proxmox_ve import ObservedProxmoxVe
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.service import WATCHED, Service
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.overview import Fill, StorageOverview

NAMES = ("pve1", "pve2", "pve3")
MADE = "2026-11-30T03:12:05Z"
NOT_MOUNTED = "/etc/pve did not answer within 11 seconds."
TB = 10**12

MEMBERS = tuple(
    Member(name, number, 1, Links({0: f"10.10.1.1{number}", 1: f"10.10.2.1{number}"}))
    for number, name in enumerate(NAMES, 1)
)
CONFIG = CorosyncConfig("campus", 3, MEMBERS)
ENTRIES: Mapping[str, StorageEntry] = {
    "local": StorageEntry("dir", {"path": "/var/lib/vz", "content": frozenset({"iso", "backup"})}),
    "nfs-iso": StorageEntry("nfs", {"server": "10.10.1.11", "export": "/srv/iso", "content": frozenset({"iso"})}),
    "vms": StorageEntry("rbd", {"pool": "vms", "content": frozenset({"images", "rootdir"})}),
}
RULE = CrushRule(0, "replicated_rule", frozenset({"default"}), None, "host")
POOLS = (
    Pool(1, ".mgr", 3, 2, 1, "on", 0, ("mgr",)),
    Pool(2, "vms", 3, 2, 128, "warn", 0, ("rbd",)),
)
PLACES: Mapping[int, tuple[str, GuestKind]] = {
    101: ("pve1", "qemu"),
    200: ("pve1", "lxc"),
    300: ("pve2", "qemu"),
    301: ("pve3", "qemu"),
}
TITLES = {101: "db-main", 200: "proxy", 300: "web", 301: "mail"}


def healthy() -> SiteLook:
    return SiteLook(NAMES, {name: node(number) for number, name in enumerate(NAMES, 1)})


def changed(look: SiteLook, name: str, **parts: Any) -> SiteLook:
    """With other parts of one node."""
    return replace(look, nodes={**look.nodes, name: replace(look.nodes[name], **parts)})


def silent(look: SiteLook, *names: str) -> SiteLook:
    """These nodes do not answer at all."""
    left = {name: one for name, one in look.nodes.items() if name not in names}
    return replace(look, nodes=left, silent=dict.fromkeys(names, "ssh: connect: No route to host"))


def without_quorum() -> SiteLook:
    """Two of three nodes are silent, so their guests are told by the third; Ceph has no majority, and no manager."""
    alone = replace(healthy(), addresses={"pve3": "10.10.1.13"})
    links = tuple(replace(one, connected=False, mtu=None, latency=None) for one in running(1).links)
    told = RunningCluster(QuorumStatus(False, 3, 1, 2, {1: 1}), links)
    nobody = "[errno 110] RADOS timed out (error connecting to the cluster)"
    osds = replace(osds_on(1), ceph=ObservedCeph(ceph_node(1), None, nobody))
    every = replace(guests(1), known={vmid: guest(vmid, kind) for vmid, (dummy, kind) in PLACES.items()})
    look = changed(silent(alone, "pve2", "pve3"), "pve1", running=told, ceph=Unknown(nobody), osds=osds)
    return changed(look, "pve1", guests=every)


def frozen() -> SiteLook:
    """pmxcfs of pve2 hangs: whatever is read there from /etc/pve does not come."""
    gone = Unknown(NOT_MOUNTED)
    parts = dict.fromkeys(("pmxcfs", "cluster", "storages", "guests", "certificates", "osds", "ceph"), gone)
    return changed(healthy(), "pve2", **parts)


def dead_osd() -> SiteLook:
    down = [replace(osd, up=osd.id != 2) for osd in CLUSTER.osds]
    check = Check("OSD_DOWN", "HEALTH_WARN", "1 osds down")
    cluster = replace(CLUSTER, osds=tuple(down), health="HEALTH_WARN", checks=(check,))
    look = healthy()
    for number, name in enumerate(NAMES, 1):
        found = replace(osds_on(number), ceph=ObservedCeph(ceph_node(number), cluster))
        look = changed(look, name, osds=found, ceph=CephLook(replace(data(), cluster=cluster)))
    return look


def without_manager() -> SiteLook:
    look = healthy()
    for name in NAMES:
        look = changed(look, name, ceph=CephLook(replace(data(), groups=None, use={}, silence="no manager is active")))
    return look


def owned() -> SiteLook:
    """Names of others that are markup: of a guest, a disk, a certificate; long ones, too."""
    look = healthy()
    script, long = "<script>document.title='owned'</script>", "a-very-long-name-without-a-break" * 6
    known = {101: replace(guest(101, "qemu"), name=script), 200: replace(guest(200, "lxc"), name="{{ 7 * 7 }}" + long)}
    evil = "\"><style>*{display:none}</style><svg onload=document.title='owned'>"
    disks = (replace(disk(evil, "ceph", evil), model=evil), *osds_on(1).disks)
    served = Certificate("/etc/pve/nodes/pve1/pve-ssl.pem", evil, evil, "2028-11-20T06:21:17Z", True)
    parts = {"guests": replace(guests(1), known=known), "osds": replace(osds_on(1), disks=disks)}
    return changed(look, "pve1", certificates=(served,), **parts)


def sixteen() -> SiteLook:
    """Sixteen nodes, of which the fifth is silent; each sees all others."""
    names = [f"pve{number}" for number in range(1, 17)]
    members = tuple(
        Member(name, number, 1, Links({0: f"10.10.1.{number}", 1: f"10.10.2.{number}"}))
        for number, name in enumerate(names, 1)
    )
    config = CorosyncConfig("campus", 3, members)
    present = {number: 1 for number in range(1, 17) if number != 5}
    status = QuorumStatus(True, 16, 15, 9, present, frozenset({"Quorate"}))
    found = {}
    for number, name in enumerate(names, 1):
        links = [
            RunningLink(other, link, f"10.10.{link + 1}.{number}", f"10.10.{link + 1}.{other}", other != 5, 1397, 0.2)
            for other in range(1, 17)
            if other != number
            for link in (0, 1)
        ]
        one = node(number % 3 + 1)
        assert not isinstance(one.host, Unknown) and not isinstance(one.cluster, Unknown)
        found[name] = replace(
            one,
            host=replace(one.host, name=name),
            cluster=replace(one.cluster, config=config),
            config=config,
            running=RunningCluster(status, tuple(links)),
        )
    return silent(SiteLook(tuple(names), found), "pve5")


def node(number: int) -> NodeLook:
    name = NAMES[number - 1]
    return NodeLook(
        host=host(number),
        pmxcfs=True,
        cluster=ObservedCluster(
            host=host(number),
            installed=True,
            mounted=True,
            writable=True,
            config=CONFIG,
            local_config=CONFIG,
            membership=Membership("campus", True, dict.fromkeys(NAMES, True)),
        ),
        config=CONFIG,
        running=running(number),
        services=tuple(Service(one, "active") for one in WATCHED),
        proxmox=ObservedProxmoxVe(
            host=host(number),
            architecture="amd64",
            kernel="6.14.11-2-pve",
            packages={"proxmox-ve": "9.0.0", "pve-manager": "9.0.11", "ceph-mon": "19.2.3-pve2"},
            unfinished=(),
            static_name=name,
            virtualization=True,
            kvm=True,
            time_sync=None,
            space={},
            hosts_text="",
            answers=True,
        ),
        osds=osds_on(number),
        ceph=CephLook(data()),
        storages=StorageOverview(name, ENTRIES, frozenset(ENTRIES), {"local": Fill(100 * 10**9, 33 * 10**9)}),
        guests=guests(number),
        processes=frozenset(vmid for vmid, place in PLACES.items() if place[0] == name and vmid != 200),
        updates=PendingUpdates((PendingUpdate("bash", "5.2-1", "5.2-2"),) if number == 2 else (), 1),
        certificates=(
            Certificate("/etc/pve/pve-root-ca.pem", "CN = Proxmox CA", "CN = Proxmox CA", "2036-11-19T06:21:17Z"),
            Certificate(
                f"/etc/pve/nodes/{name}/pve-ssl.pem",
                f"CN = {name}.example",
                "CN = Proxmox CA",
                "2028-11-20T06:21:17Z",
                True,
            ),
        ),
    )


def host(number: int) -> Host:
    name = NAMES[number - 1]
    addresses = (
        Address("eno1", ipaddress.ip_address(f"10.10.1.1{number}"), 24),
        Address("eno2", ipaddress.ip_address(f"10.10.2.1{number}"), 24, 9000),
    )
    return Host(name, f"{name}.example", addresses, (), "debian", "13", "trixie")


def running(number: int) -> RunningCluster:
    links = [
        RunningLink(
            other,
            link,
            f"10.10.{link + 1}.1{number}",
            f"10.10.{link + 1}.1{other}",
            True,
            1397 + link * 7500,
            0.2 + link * 0.05,
        )
        for other in (1, 2, 3)
        if other != number
        for link in (0, 1)
    ]
    return RunningCluster(QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1}, frozenset({"Quorate"})), tuple(links))


def osd(number: int) -> Osd:
    home = NAMES[number // 2]
    return Osd(number, f"uuid-{number}", True, True, home, "ssd", frozenset({("host", home), ("root", "default")}))


CLUSTER = CephCluster(
    fsid="0e3b",
    health="HEALTH_OK",
    checks=(),
    quorum=NAMES,
    mgrs=NAMES,
    mds={},
    osds=tuple(osd(number) for number in range(6)),
    pools=POOLS,
    rules=(RULE,),
    filesystems=(),
    daemons={"mon": {name: (name,) for name in NAMES}},
)


def data() -> CephData:
    return CephData(
        cluster=CLUSTER,
        monitors=Monitors({name: (f"10.10.1.1{number}",) for number, name in enumerate(NAMES, 1)}, NAMES),
        groups=tuple(group(number) for number in range(128)),
        use={number: OsdUse((number + 1) * TB // 10, TB, 64) for number in range(6)},
    )


def group(number: int) -> PlacementGroup:
    copies = frozenset(Copy(number % 2 + 2 * place) for place in range(3))
    return PlacementGroup(f"2.{number:x}", 2, frozenset({"active", "clean"}), copies, copies, objects=10, bytes=10**9)


def ceph_node(number: int) -> CephNode:
    conf = CephConf("0e3b", ("10.10.1.0/24",), (), ("10.10.1.11",), {"mon": frozenset(NAMES)})
    names = {"mon": (NAMES[number - 1],), "mgr": (NAMES[number - 1],), "mds": (), "osd": ()}
    return CephNode(NAMES[number - 1], "squid", True, conf, True, names)


def osds_on(number: int) -> ObservedOsds:
    first = 2 * (number - 1)
    disks = (
        disk("sda", "mounted", f"SYS{number}", 480 * 10**9),
        disk("sdb", "ceph", f"S4EV000{first}"),
        disk("sdc", "ceph", f"S4EV000{first + 1}"),
        disk("sdd", None, f"S4EV001{number}"),
    )
    return ObservedOsds(
        ObservedCeph(ceph_node(number), CLUSTER),
        disks,
        (
            OsdPart("/dev/sdb", "block", first, f"uuid-{first}", "/dev/sdb"),
            OsdPart("/dev/sdc", "block", first + 1, f"uuid-{first + 1}", "/dev/sdc"),
        ),
    )


def disk(name: str, used: Optional[Use], serial: str, size: int = TB) -> Disk:
    return Disk(f"/dev/{name}", (), size, "EVO 870", serial, None, False, used)


def guests(number: int) -> GuestOverview:
    name = NAMES[number - 1]
    own = {vmid: guest(vmid, place[1]) for vmid, place in PLACES.items() if place[0] == name}
    ha = HighAvailability({"vm:101": "started"})
    return GuestOverview(name, PLACES, own, ha, Lrm("active" if number == 1 else "wait_for_agent_lock"))


def guest(vmid: int, kind: GuestKind) -> Guest:
    return Guest(kind, vmid, TITLES[vmid], volumes=(Volume("scsi0", f"vms:vm-{vmid}-disk-0", shared=True),))
