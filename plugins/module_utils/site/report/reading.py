# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The looks at all nodes as one reading, from which it is computed what a loss would mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Optional, TypeVar

from ...model.ceph.state import CephConf
from ...model.cluster.running import RunningCluster
from ...model.cluster.running_links import connections_of
from ...model.guest.guest import Guest
from ...model.guest.overview import GuestOverview
from ...model.node.disk_load import DiskLoad
from ...model.node.look import NodeLook, Part, Unknown, known
from ...model.storage.entry import StorageEntry
from ..losses.reading import (
    Answer,
    Carrier,
    CephReading,
    DiskReading,
    HaReading,
    LrmStatus,
    NodeReading,
    PlacedGuest,
    Reading,
    Service,
)
from ..losses.words import joined, phrase
from .ceph import SiteCeph
from .guests import configs_of, places_of, runs
from .nodes import Site, SiteNode, ask
from .packages import moment_of

T = TypeVar("T")
U = TypeVar("U")


def reading_of(site: Site, ceph: SiteCeph, at: float) -> Reading:
    """``at``: when the nodes were read, in seconds since 1970."""
    return Reading(
        at=at,
        nodes=tuple(_node(site, node) for node in site.nodes),
        clustered=_clustered(site),
        config=Answer(site.config, silence=phrase("no node told of its corosync.conf")),
        options=_first(site, lambda look: look.options, lambda found: found),
        has_ceph=Answer(ceph.exists, silence=ceph.silence),
        ceph=_ceph(site, ceph, at),
        guests=_guests(site),
        ha=_first(site, lambda look: look.guests, _ha),
        monitors=_monitors(site, ceph),
        storages=_first(site, lambda look: look.storages, lambda found: found.entries),
        mappings=_first(site, lambda look: look.guests, lambda found: found.mappings),
        replication=_first(site, lambda look: look.guests, lambda found: found.jobs),
        services=_services(site),
        names=_names(site),
        migration=_first(site, lambda look: look.guests, lambda found: found.migration),
    )


def _clustered(site: Site) -> Answer[bool]:
    """There is no cluster where every node has told that it has no corosync.conf."""
    if site.config is not None:
        return Answer(True)
    missing = [*ask(site.nodes, lambda look: look.cluster)[1], *ask(site.nodes, lambda look: look.config)[1]]
    return Answer(asked=missing[0].who, silence=missing[0].why) if missing else Answer(False)


def _answer(node: SiteNode, pick: Callable[[NodeLook], Part[T]], told: Callable[[T], Optional[U]]) -> Answer[U]:
    found = node.part(pick)
    if isinstance(found, Unknown):
        return Answer(asked=node.name, silence=found.why)
    return Answer(told(found), asked=node.name, silence=phrase("it has none"))


def _first(site: Site, pick: Callable[[NodeLook], Part[T]], told: Callable[[T], Optional[U]]) -> Answer[U]:
    """What the first node tells that can; of what is the same on all nodes."""
    answers = [_answer(node, pick, told) for node in site.answering]
    silence: Answer[U] = answers[0] if answers else Answer(silence=phrase("no node answered"))
    return next((one for one in answers if one.known), silence)


def _node(site: Site, node: SiteNode) -> NodeReading:
    member = site.members.get(node.name)
    return NodeReading(
        name=node.name,
        nodeid=None if member is None else member.nodeid,
        reached=node.look is not None if node.host else None,
        addresses=_answer(node, lambda look: look.host, lambda found: found.addresses),
        quorum=_answer(node, lambda look: look.running, lambda found: found.quorum),
        connections=_answer(node, lambda look: look.running, _connections),
        lrm=_answer(node, lambda look: look.guests, _lrm),
        disks=_disks(node),
        memory=_answer(node, lambda look: look.memory, lambda found: found),
        replicas=_answer(node, lambda look: look.guests, lambda found: found.replicas),
        images=_answer(node, lambda look: look.images, lambda found: found),
        carriers=_answer(node, lambda look: look.surroundings, lambda found: tuple(_carriers(site, node))),
    )


def _connections(found: RunningCluster) -> Optional[Mapping[int, Mapping[int, bool]]]:
    """None while corosync does not run: it then says nothing of links."""
    return None if found.quorum is None else connections_of(found.links)


def _lrm(found: GuestOverview) -> LrmStatus:
    """A node that has never written its state has no HA guest: its LRM waits."""
    lrm = found.lrm
    return LrmStatus("wait_for_agent_lock") if lrm is None else LrmStatus(lrm.state, lrm.mode, lrm.timestamp)


def _carriers(site: Site, node: SiteNode) -> Iterator[Carrier]:
    around, member = known(node.part(lambda look: look.surroundings)), site.members.get(node.name)
    links = {address: number for number, address in (member.links.items() if member else ())}
    for port in around.ports if around else ():
        found = [links[address] for address in port.addresses if address in links]
        if port.addresses:  # what has none is not in use
            yield Carrier(port.name, port.up, found[0] if found else None)


def _disks(node: SiteNode) -> Answer[tuple[DiskReading, ...]]:
    osds, loads = node.part(lambda look: look.osds), node.part(lambda look: look.loads)
    if isinstance(osds, Unknown) or isinstance(loads, Unknown):
        why = next(one.why for one in (osds, loads) if isinstance(one, Unknown))
        return Answer(asked=node.name, silence=why)
    storages = known(node.part(lambda look: look.storages))
    entries = {name: one for name, one in (storages.entries if storages else {}).items() if one.is_on(node.name)}
    on = {load.path: load for load in loads}
    mounts = {mount: load.path for load in loads for mount in load.mountpoints}
    found = []
    for disk in osds.disks:
        load = on.get(disk.path, DiskLoad(disk.path))
        own = tuple(name for name, entry in entries.items() if _lies_on(entry, load, mounts))
        osd = osds.holders.get(disk.path, ())
        beside = tuple(sorted({part.osd for part in osds.parts_on(disk.path) if part.role != "block"}))
        found.append(DiskReading(disk.path, disk.serial, osd, beside, own, load.system, load.mirrored))
    return Answer(tuple(found), asked=node.name)


def _lies_on(entry: StorageEntry, load: DiskLoad, mounts: Mapping[str, str]) -> bool:
    """A volume group, or a directory: the latter on whatever is mounted nearest above it."""
    if entry.shared:
        return False
    if entry.options.get("vgname") in load.groups:
        return True
    path = str(entry.options.get("path", ""))
    above = [mount for mount in mounts if path and (path == mount or path.startswith(f"{mount.rstrip('/')}/"))]
    return bool(above) and mounts[max(above, key=len)] == load.path


def _ceph(site: Site, ceph: SiteCeph, at: float) -> Answer[CephReading]:
    look = ceph.look
    if look is None:
        return Answer(asked="Ceph", silence=ceph.silence or phrase("no node with a monitor answered"))
    conf = _conf(site)
    public, cluster = (conf.public_network, conf.cluster_network) if conf else ((), ())
    networks = look.data.cluster.networks
    since = {osd: moment_of(stamp) for osd, stamp in look.outlook.down_since.items()}
    down_for = {osd: max(0.0, at - moment) for osd, moment in since.items() if moment is not None}
    return Answer(
        CephReading(
            data=look.data,
            outlook=replace(look.outlook, down_for=down_for),
            placed=look.placed,
            public_network=public or networks.get("public_network", ()),
            cluster_network=cluster or networks.get("cluster_network", ()),
        )
    )


def _monitors(site: Site, ceph: SiteCeph) -> Answer[Mapping[str, tuple[str, ...]]]:
    """While no monitor answers, those that ceph.conf names."""
    if ceph.data is not None and ceph.data.monitors.addresses:
        return Answer(ceph.data.monitors.addresses)
    conf = _conf(site)
    names = sorted(conf.daemons.get("mon", ())) if conf else []
    return Answer(dict.fromkeys(names, ())) if names else Answer(silence=phrase("no ceph.conf names monitors"))


def _conf(site: Site) -> Optional[CephConf]:
    found = (one.ceph.node.conf for one in site.told(lambda look: look.osds))
    return next((conf for conf in found if conf is not None), None)


def _guests(site: Site) -> Answer[tuple[PlacedGuest, ...]]:
    """All of them, or nothing: a guest whose configuration nobody has told could be anything."""
    told = site.told(lambda look: look.guests)
    if not told:
        return Answer(silence=phrase("no node told of the guests"))
    places, configs = places_of(told), configs_of(told)
    missing = [vmid for vmid in places if vmid not in configs]
    if missing:
        return Answer(
            silence=phrase("the configuration of {vmids} was not read", vmids=joined(sorted(missing), "{one}, {more}"))
        )
    placed = (PlacedGuest(_as_it_runs(site, configs[vmid], node), node) for vmid, (node, dummy) in places.items())
    return Answer(tuple(placed))


def _as_it_runs(site: Site, guest: Guest, node: str) -> Guest:
    """What its node did not tell counts as running: that is what can be lost."""
    return replace(guest, running=runs(site, node, guest.vmid) is not False)


def _ha(found: GuestOverview) -> HaReading:
    disarmed = found.lrm is not None and found.lrm.disarmed
    return HaReading(found.ha, found.affinities, found.relocations, disarmed)


def _services(site: Site) -> Answer[Mapping[Service, tuple[str, ...]]]:
    told = site.told(lambda look: look.surroundings)
    if not told:
        return Answer(silence=phrase("no node told of the servers that it uses"))
    found: dict[Service, tuple[str, ...]] = {
        "dns": tuple(dict.fromkeys(address for one in told for address in one.dns)),
        "gateway": tuple(dict.fromkeys(address for one in told for address in one.gateways)),
        "time": tuple(dict.fromkeys(address for one in told for address in one.time)),
    }
    device = site.config.qdevice if site.config else None
    found.update({"quorum device": (device.host,)} if device else {})
    return Answer({name: addresses for name, addresses in found.items() if addresses})


def _names(site: Site) -> Answer[Mapping[str, tuple[str, ...]]]:
    told = [one.names for one in site.told(lambda look: look.surroundings)]
    if not told:
        return Answer(silence=phrase("no node told what names it knows"))
    return Answer({name: addresses for names in told for name, addresses in names.items() if addresses})
