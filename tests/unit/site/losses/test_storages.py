"""Storages and other servers after a loss: who holds the address is followed to the end."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.ha import HighAvailability
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.volumes import Volume
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Address
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import canonical
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.addresses import holder_of
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.advice import Advice, advice
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import Cell
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.guests import guest_loss
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    HaReading,
    PlacedGuest,
    Reading,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.storages import rings
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.table import losses
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import things

from ....doubles.loss_cases import ceph_reading, mesh, with_nodes

THREE = ("pve1", "pve2", "pve3")
NFS = {"type": "nfs", "export": "/srv", "server": "10.90.0.1"}


def guest(vmid: int, node: str, *storages: str, addresses: Optional[tuple[str, ...]] = ()) -> PlacedGuest:
    volumes = tuple(Volume(f"scsi{number}", f"{name}:disk", shared=True) for number, name in enumerate(storages))
    return PlacedGuest(Guest("qemu", vmid, running=True, volumes=volumes), node, addresses)


def entry(options: dict[str, str]) -> StorageEntry:
    return StorageEntry(options["type"], canonical({key: told for key, told in options.items() if key != "type"}))


def site(storages: dict[str, dict[str, str]], *guests: PlacedGuest, **more: Any) -> Reading:
    return replace(
        mesh(*THREE, links=2),
        storages=Answer({name: entry(told) for name, told in storages.items()}),
        guests=Answer(guests),
        **more,
    )


def row(reading: Reading, name: str, topic: str = "storages") -> Cell:
    rows = {loss.name: dict(loss.cells) for loss in losses(reading)}
    return {str(key): cell for key, cell in rows[name].items()}[topic]


@pytest.mark.parametrize("kind", ["nfs", "cifs", "iscsi", "pbs"])
def test_a_node_that_serves_a_storage(kind: str) -> None:
    """By any of its addresses. What hangs is not stopped: the guest runs on."""
    key = "portal" if kind == "iscsi" else "server"
    reading = site({"data": {"type": kind, key: "10.91.0.1"}}, guest(203, "pve2", "data"))
    found = row(reading, "pve1")
    assert found.state == "lost"
    assert found.word == "data: nobody serves it"
    assert any("data: nobody serves it, for 10.91.0.1 is pve1" in told for told in found.at_once)
    assert any("203 hangs" in told for told in row(reading, "pve1", "guests").at_once)
    assert row(reading, "pve2").state == "fine"


def test_a_storage_that_a_guest_serves_on_a_storage_that_a_node_serves() -> None:
    inner = {"type": "nfs", "server": "10.90.0.1", "export": "/a"}
    outer = {"type": "nfs", "server": "10.5.0.9", "export": "/b"}
    server = guest(300, "pve2", "inner", addresses=("10.5.0.9/24",))
    reading = site({"inner": inner, "outer": outer}, server, guest(301, "pve3", "outer"))
    found = row(reading, "pve1", "guests").at_once
    assert any(told.startswith("300 hangs") for told in found)
    assert any(told.startswith("301 hangs: outer: 10.5.0.9 is VM 300 on pve2") for told in found)
    assert any(told.startswith("301 hangs") for told in row(reading, "pve2", "guests").at_once)


def test_a_ring_is_named() -> None:
    one = {"type": "nfs", "server": "10.5.0.1", "export": "/a"}
    two = {"type": "nfs", "server": "10.5.0.2", "export": "/b"}
    first = guest(300, "pve1", "two", addresses=("10.5.0.1",))
    second = guest(301, "pve2", "one", addresses=("10.5.0.2",))
    told = list(rings(site({"one": one, "two": two}, first, second)))
    assert len(told) == 1
    assert "300" in told[0] and "301" in told[0]
    assert not list(rings(site({"one": one}, first)))


def test_an_address_that_a_guest_may_have() -> None:
    """No agent answers: it may be the server."""
    other = {"type": "nfs", "server": "192.0.2.9", "export": "/b"}
    reading = site({"other": other}, guest(300, "pve2", addresses=None))
    assert row(reading, "pve2").state == "unknown"
    assert row(reading, "pve3").state == "fine"
    assert row(site({"other": other}, guest(300, "pve2")), "pve2").state == "fine"


def test_a_node_that_does_not_tell_its_addresses() -> None:
    other = {"type": "nfs", "server": "192.0.2.9", "export": "/b"}
    reading = with_nodes(site({"other": other}), pve1={"addresses": Answer()})
    assert row(reading, "pve1").state == "unknown"
    assert row(reading, "pve2").state == "fine"


def test_a_server_that_is_called_by_a_name() -> None:
    named = {"type": "nfs", "server": "nas", "export": "/b"}
    reading = site({"named": named})
    assert row(reading, "pve1").state == "unknown"
    known = replace(reading, names=Answer({"nas": ("10.90.0.1",)}))
    assert row(known, "pve1").state == "lost"
    assert str(holder_of("nas", known)) == "pve1"


def test_a_server_that_ha_starts_elsewhere() -> None:
    far = {"type": "rbd", "monhost": "192.0.2.7", "pool": "p"}
    served = {"type": "nfs", "server": "10.5.0.9", "export": "/b"}
    server = guest(300, "pve1", "far", addresses=("10.5.0.9",))
    ha = Answer(HaReading(HighAvailability({"vm:300": "started"})))
    reading = site({"far": far, "served": served}, server, guest(301, "pve2", "served"), ha=ha)
    found = row(reading, "pve1")
    assert found.state == "stops"
    assert any("served is served again once 300 has started elsewhere" in told for told in found.later)


def test_a_lost_link_over_which_a_storage_is_reached() -> None:
    other = {"type": "nfs", "server": "10.91.0.99", "export": "/b"}
    reading = site({"other": other}, guest(300, "pve2", "other"))
    assert row(reading, "link1").state == "stops"
    assert row(reading, "link1 of pve2", "guests").state == "stops"
    assert row(reading, "link1 of pve3", "guests").state == "fine"
    assert row(reading, "link0").state == "fine"


def test_other_services_are_looked_up_alike() -> None:
    services = Answer({"dns": ("10.90.0.1",), "time": ("10.90.0.1", "10.90.0.2")})
    found = row(site({}, services=services), "pve1")
    assert found.state == "degraded"
    assert found.at_once == ("dns (10.90.0.1) is pve1: names are not resolved.",)
    assert row(site({}, services=services), "pve3").state == "fine"
    assert row(site({}, services=Answer()), "pve3").state == "unknown"


def test_the_network_of_migrations() -> None:
    found = row(site({}, migration=Answer("10.91.0.0/24")), "link1 of pve2", "links")
    assert found.state == "stops"
    assert any("Migrations to and from pve2 fail" in told for told in found.at_once)
    assert row(site({}, migration=Answer("10.91.0.0/24")), "link0 of pve2", "links").state == "degraded"
    assert row(site({}, migration=Answer()), "link0", "links").state == "unknown"


def test_a_node_alone_is_no_cluster() -> None:
    """It has no votes to lose; what is on it is gone with it all the same."""
    alone = replace(mesh("pve1"), clustered=Answer(False), config=Answer(), options=Answer())
    alone = with_nodes(alone, pve1={"quorum": Answer(), "connections": Answer()})
    local = PlacedGuest(Guest("qemu", 100, running=True, volumes=(Volume("scsi0", "local-lvm:d"),)), "pve1", ())
    alone = replace(alone, guests=Answer((local,)))
    cells = {topic: row(alone, "pve1", topic).state for topic in ("votes", "links", "guests")}
    assert cells == {"votes": "fine", "links": "fine", "guests": "lost"}
    assert advice(alone) == Advice()


def test_a_storage_on_ceph_is_cut_off_only_where_it_is() -> None:
    ceph = ceph_reading("refill-within-one-host", public_network=("10.91.0.0/24",)).ceph
    everywhere, here = {"type": "rbd", "pool": "vms"}, {"type": "rbd", "pool": "vms", "nodes": "pve1"}
    reading = site({"a": everywhere, "b": here}, ceph=ceph, has_ceph=Answer(True))
    link = next(thing for thing in things(reading) if thing.name == "link1 of pve2")
    assert set(guest_loss(link, reading).storages.cut) == {("pve2", "a")}


def test_what_shares_the_port_of_a_link_may_be_lost_with_it() -> None:
    """A VLAN on the same port goes down with the port, and not with the VLAN of the link alone."""
    reading = site({"other": {"type": "nfs", "server": "10.7.0.99", "export": "/b"}}, guest(300, "pve2", "other"))
    node = reading.node("pve2")
    assert node is not None and node.addresses.value is not None
    vlan = Address("eno1.50", ip_address("10.7.0.2"), 24)
    reading = with_nodes(reading, pve2={"addresses": Answer((*node.addresses.value, vlan))})
    assert row(reading, "link1 of pve2").state == row(reading, "link1 of pve2", "guests").state == "unknown"
    assert row(reading, "link0 of pve2").state == row(reading, "link0 of pve2", "guests").state == "fine"
