"""The looks at all nodes as one reading: what was not told is not known there either."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.osd import OsdPart
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.refill import Placements
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import ObservedCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running import RunningCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import GuestOverview
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.surroundings import Port, Surroundings
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk_load import DiskLoad
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.look import CephLook, SiteLook
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import Reading
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.ceph import SiteCeph
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.document import report
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.nodes import Site
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.reading import reading_of

from ....doubles import looks


def read(look: SiteLook) -> Reading:
    site = Site.of(look)
    return reading_of(site, SiteCeph.of(site), 1.0)


def test_a_healthy_site_is_known() -> None:
    reading = read(looks.healthy())
    assert [(node.name, node.nodeid, node.reached) for node in reading.nodes] == [
        ("pve1", 1, True),
        ("pve2", 2, True),
        ("pve3", 3, True),
    ]
    assert reading.nodes[0].connections.value == {2: {0: True, 1: True}, 3: {0: True, 1: True}}
    running = {one.guest.vmid: one.guest.running for one in reading.guests.value or ()}
    assert running == {101: True, 200: False, 300: True, 301: True}
    assert reading.ceph.known and reading.has_ceph.value is True


def test_what_ceph_foretells_and_for_how_long_its_osds_are_down() -> None:
    """The node with the most answers is believed."""
    moved: Placements = {frozenset((0, 1)): {"1.0": (2, 4)}}
    look = looks.dead_osd()
    told = look.nodes["pve2"].ceph
    assert isinstance(told, CephLook)
    ceph = replace(
        told, placed=moved, outlook=replace(told.outlook, down_since={2: "1970-01-01T00:58:21.5+0100", 3: "0.000000"})
    )
    found = read(looks.changed(look, "pve2", ceph=ceph)).ceph.value
    assert found is not None and found.placed == moved
    assert found.outlook.down_for == {2: 100.0}, "it was read at 1.0"


def test_what_a_silent_node_has_is_not_known() -> None:
    reading = read(looks.without_quorum())
    assert reading.nodes[1].reached is False and not reading.nodes[1].quorum.known
    assert not reading.ceph.known and reading.has_ceph.value is True, "that there is a Ceph is known"
    assert sorted(reading.monitors.value or ()) == ["pve1", "pve2", "pve3"], "ceph.conf names them"
    assert [one.guest.vmid for one in reading.guests.value or ()] == [101, 200, 300, 301]
    own = looks.guests(1)
    blind = read(looks.changed(looks.without_quorum(), "pve1", guests=own))
    assert not blind.guests.known, "the configurations of 300 and 301 were read by nobody"


def test_whether_there_is_a_cluster() -> None:
    """Only when all nodes have told that they are in none, there is none; then no quorum is missed."""
    assert read(looks.healthy()).clustered.value is True
    look = looks.healthy()
    for name in look.order:
        cluster = look.nodes[name].cluster
        assert isinstance(cluster, ObservedCluster)
        plain = replace(cluster, config=None, local_config=None)
        look = looks.changed(look, name, cluster=plain, config=None, running=RunningCluster(None))
    alone = read(look)
    assert alone.clustered.value is False
    assert not any("quorum" in one["id"] for one in report(look, looks.MADE)["findings"])
    assert not read(looks.silent(look, "pve3")).clustered.known


def test_a_guest_of_which_nobody_tells_counts_as_running() -> None:
    look = looks.healthy()
    known = {vmid: looks.guest(vmid, kind) for vmid, (_node, kind) in looks.PLACES.items()}
    overview = look.nodes["pve1"].guests
    assert isinstance(overview, GuestOverview)
    look = looks.silent(looks.changed(look, "pve1", guests=replace(overview, known=known)), "pve3")
    running = {one.guest.vmid: one.guest.running for one in read(look).guests.value or ()}
    assert running == {101: True, 200: False, 300: True, 301: True}


def test_what_lies_on_a_disk() -> None:
    loads = (
        DiskLoad("/dev/sda", mountpoints=("/", "/boot/efi"), system=True, mirrored=False),
        DiskLoad("/dev/sdb", groups=("local-fast",), mirrored=False),
        DiskLoad("/dev/sdd", mountpoints=("/srv",), mirrored=None),
    )
    databases = tuple(OsdPart("/dev/sdd", "db", number, f"uuid-{number}", "/dev/sdd") for number in (0, 1))
    osds = replace(looks.osds_on(1), parts=(*looks.osds_on(1).parts, *databases))
    (sda, sdb, _sdc, sdd) = (
        read(looks.changed(looks.healthy(), "pve1", loads=loads, osds=osds)).nodes[0].disks.value or ()
    )
    assert (sda.storages, sda.system) == (("local",), True)
    assert (sdb.osds, sdb.storages) == ((0,), ())
    assert (sdd.databases, sdd.mirrored) == ((0, 1), None)


def test_a_dark_port_is_that_of_its_link() -> None:
    ports = (Port("eno1", True, ("10.10.1.11",)), Port("eno2", False, ("10.10.2.11",)), Port("eno3", False))
    look = looks.changed(looks.healthy(), "pve1", surroundings=Surroundings(ports, dns=("10.0.0.53",)))
    reading = read(look)
    carriers = [(one.port, one.up, one.link) for one in reading.nodes[0].carriers.value or ()]
    assert carriers == [("eno1", True, 0), ("eno2", False, 1)], "what has no address is not in use"
    assert (reading.services.value or {}) == {"dns": ("10.0.0.53",)}
