"""Sites by chance, as readings for the table of losses: test data for its properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from random import Random
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.outlook import (
    MdsDaemon,
    MdsRanks,
    MonitorSettings,
    Outlook,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumOptions, QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.ha import HighAvailability, NodeAffinity
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.mapping import ResourceMapping
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import Replica
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.replication import ReplicationJob
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.volumes import Volume
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    CephReading,
    DiskReading,
    HaReading,
    LrmStatus,
    PlacedGuest,
    Reading,
)

from .ceph_sim import SimCeph, SimOsd, SimPool
from .loss_cases import answered, mesh

NODES = ("pve1", "pve2", "pve3", "pve4")
STORAGES = {
    "local-lvm": StorageEntry("lvmthin", {"vgname": "pve", "thinpool": "data"}),
    "pool1": StorageEntry("rbd", {"pool": "pool1"}),
    "fs": StorageEntry("cephfs", {"fs-name": "fs"}),
    "nas": StorageEntry("nfs", {"server": "10.91.0.2", "export": "/x"}),
    "nested": StorageEntry("nfs", {"server": "10.5.0.9", "export": "/y"}),
    "far": StorageEntry("nfs", {"server": "192.0.2.9", "export": "/z"}),
}


def random_site(random: Random) -> Reading:
    names = NODES[: random.randint(2, 4)]
    reading = mesh(*names, links=2)
    device = random.choice((0, 0, 1, len(names) - 1))
    reading = _votes(reading, random, device)
    reading = replace(
        reading,
        has_ceph=answered(True),
        ceph=answered(random_ceph(random, names)),
        storages=answered(STORAGES),
        migration=answered(random.choice(("", "10.91.0.0/24"))),
        services=answered({"dns": ("10.90.0.1",), "time": ("192.0.2.1",)}),
        mappings=answered((ResourceMapping("pci", "gpu", ("node=pve1,path=x", "node=pve2,path=x")),)),
    )
    return _guests(reading, random, names)


def _votes(reading: Reading, random: Random, device: int) -> Reading:
    names = [node.name for node in reading.nodes]
    two = len(names) == 2 and not device and random.random() < 0.5
    members = {number + 1: random.choice((1, 1, 1, 2)) for number in range(len(names))}
    expected = sum(members.values()) + device
    casting = frozenset(number for number in members if device and random.random() < 0.8)
    flags = {"Quorate", *(["2Node"] if two else ["AutoTieBreaker"] if random.random() < 0.2 and not device else [])}
    total = sum(members.values()) + (device if casting else 0)
    status = QuorumStatus(
        quorate=random.random() < 0.95,
        expected=expected,
        total=total,
        quorum=1 if two else (expected + 2) // 2,
        members=members,
        flags=frozenset(flags),
        casting=casting,
        device_votes=device,
    )
    options = QuorumOptions(device="192.0.2.40" if device else "", votes=members, device_votes=device or None)
    nodes = []
    for node in reading.nodes:
        broken = {
            other: {link: random.random() < 0.9 for link in links}
            for other, links in (node.connections.value or {}).items()
        }
        states = ("active", "wait_for_agent_lock", "lost_agent_lock", "maintenance")
        nodes.append(
            replace(
                node,
                quorum=answered(status),
                connections=answered(broken if random.random() < 0.3 else node.connections.value),
                lrm=answered(LrmStatus(random.choice(states))),
                disks=answered(_disks(random, node.name)),
                memory=answered(random.randint(1, 8) << 30),
            )
        )
    return replace(reading, nodes=tuple(nodes), options=answered(options))


def _disks(random: Random, name: str) -> tuple[DiskReading, ...]:
    mirrored = random.choice((True, False, None))
    return (
        DiskReading("/dev/sda", f"S{name}", system=True, storages=("local-lvm",), mirrored=mirrored),
        DiskReading("/dev/sdb", None, osds=(NODES.index(name),), databases=(NODES.index(name) + 4,)),
    )


def random_sim(random: Random, names: tuple[str, ...]) -> SimCeph:
    osds = [SimOsd(number, name, name) for number, name in enumerate(names)]
    osds += [SimOsd(number + 4, name, name) for number, name in enumerate(names) if random.random() < 0.5]
    size = random.choice((2, 3))
    pools = [SimPool(1, size, random.randint(1, size), domain=random.choice(("host", "osd")))]
    if random.random() < 0.4:
        pools.append(SimPool(2, 3, 2, pieces=2, domain="osd"))
    sim = SimCeph(osds, pools)
    for osd in sim.osds.values():
        osd.up = random.random() < 0.9
        osd.is_in = random.random() < 0.95
    if random.random() < 0.5:
        sim.write()
        sim.peer(random)
        sim.recover(random, random.randint(0, 6))
    return sim


def random_ceph(random: Random, names: tuple[str, ...]) -> CephReading:
    data = parse_data(random_sim(random, names).answers(names[: random.choice((1, 3))]))
    daemons = {**data.cluster.daemons, "mds": {names[0]: ("a",), names[-1]: ("b",)}}
    data = replace(data, cluster=replace(data.cluster, daemons=daemons))
    outlook = Outlook(
        settings=MonitorSettings(min_up_ratio=random.choice((0.0, 0.3))),
        mds=(MdsDaemon("a", "up:active", "fs", 0), MdsDaemon("b", random.choice(("up:standby", "up:boot")))),
        filesystems=(MdsRanks("fs", (0,), pools=(1,)),),
        balancer=random.choice((True, False, None)),
    )
    public = random.choice(("10.3.0.0/24", "10.90.0.0/24"))
    return CephReading(data, outlook, public_network=(public,), cluster_network=random.choice(((), ("10.91.0.0/24",))))


def _guests(reading: Reading, random: Random, names: tuple[str, ...]) -> Reading:
    guests = tuple(_guest(vmid, random, names) for vmid in range(100, 100 + random.randint(0, 6)))
    resources = {
        one.guest.sid: random.choice(("started", "stopped", "ignored", "disabled"))
        for one in guests
        if random.random() < 0.7
    }
    services = {one.guest.sid: (one.node, "started") for one in guests if one.guest.sid in resources}
    rule = NodeAffinity("rule", {names[0]: "1", names[-1]: ""}, frozenset(("vm:100", "vm:101")), random.random() < 0.5)
    manager = HighAvailability(resources, services, dict.fromkeys(names, "online"), (rule,))
    states = [Replica(one.guest.vmid, names[-1], -60.0) for one in guests if random.random() < 0.3]
    jobs = tuple(ReplicationJob(f"{one.guest}-0", one.guest, one.target) for one in states)
    nodes = [
        replace(
            node,
            replicas=answered(tuple(one for one in states if _place(guests, one.guest) == node.name != one.target)),
            images=answered(frozenset(("local:iso/a.iso",) if random.random() < 0.5 else ())),
        )
        for node in reading.nodes
    ]
    ha = HaReading(manager, disarmed=random.random() < 0.1)
    return replace(reading, nodes=tuple(nodes), guests=answered(guests), ha=answered(ha), replication=answered(jobs))


def _place(guests: tuple[PlacedGuest, ...], vmid: int) -> str:
    return next(one.node for one in guests if one.guest.vmid == vmid)


def _guest(vmid: int, random: Random, names: tuple[str, ...]) -> PlacedGuest:
    storage = random.choice(sorted(STORAGES))
    volumes = [Volume("scsi0", f"{storage}:disk", shared=STORAGES[storage].shared)]
    if random.random() < 0.2:
        volumes.append(Volume("ide2", "local:iso/a.iso", cdrom=True))
    guest = Guest(
        "qemu",
        vmid,
        running=random.random() < 0.8,
        memory=random.randint(1, 4) << 30,
        volumes=tuple(volumes),
        mapped=("pci/gpu",) if random.random() < 0.2 else (),
    )
    return PlacedGuest(guest, random.choice(names), ("10.5.0.9",) if vmid == 100 else ())


def with_an_answer_less(reading: Reading) -> Iterator[tuple[str, Reading]]:
    """The same site, each time without one of the answers: what was not answered, and the reading."""
    for field in fields(Reading):
        if isinstance(getattr(reading, field.name), Answer):
            yield field.name, replace(reading, **_blank(field.name))
    for number, node in enumerate(reading.nodes):
        for field in fields(node):
            if isinstance(getattr(node, field.name), Answer):
                nodes = [*reading.nodes]
                nodes[number] = replace(node, **_blank(field.name))
                yield f"{field.name} of {node.name}", replace(reading, nodes=tuple(nodes))
    yield from _ceph_less(reading)
    for placed in reading.guests.value or ():
        guests = [replace(one, addresses=None) if one is placed else one for one in reading.guests.value or ()]
        yield f"addresses of {placed.guest.vmid}", replace(reading, guests=answered(tuple(guests)))


def _blank(name: str) -> dict[str, Any]:
    return {name: Answer(asked="pve1", silence="timed out")}


def _ceph_less(reading: Reading) -> Iterator[tuple[str, Reading]]:
    ceph = reading.ceph.value
    if ceph is None:
        return
    data = ceph.data
    less = {
        "placement groups": replace(ceph, data=replace(data, groups=None, silence="no manager")),
        "use of OSDs": replace(ceph, data=replace(data, use={})),
        "rules": replace(ceph, data=replace(data, cluster=replace(data.cluster, rules=()))),
        "where daemons run": replace(ceph, data=replace(data, cluster=replace(data.cluster, daemons={}))),
        "networks": replace(ceph, public_network=(), cluster_network=()),
    }
    for name, found in less.items():
        yield name, replace(reading, ceph=answered(found))
