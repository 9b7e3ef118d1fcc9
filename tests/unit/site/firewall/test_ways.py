"""Which ways are in use, as all nodes together tell."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.firewall import NodeWays, SshConnection
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.way import Way
from ansible_collections.baremetal.virt.plugins.module_utils.site.firewall.ways import (
    local_networks,
    targets_of,
    ways_of,
)


def node(number: int, **more: object) -> NodeWays:
    given = {
        "main": f"10.1.0.{number}",
        "addresses": (f"10.1.0.{number}/24", f"10.2.0.{number}/24"),
        "links": {0: f"10.1.0.{number}", 1: f"10.2.0.{number}"},
        "connection": SshConnection("172.16.1.50", f"10.1.0.{number}", 2222),
        "ssh_ports": (2222,),
    }
    return NodeWays(f"pve{number}", **{**given, **more})  # type: ignore[arg-type]


def found(*nodes: NodeWays, declared: tuple[dict[str, object], ...] = ()) -> dict[str, Way]:
    return {way.name: way for way in ways_of(nodes, declared)}


def test_ports_and_addresses_are_those_in_use() -> None:
    ways = found(node(1), node(2))
    assert ways["controller"].sources == ("172.16.1.50",) and ways["controller"].ports == "2222,8006"
    assert ways["controller"].at == {"pve1": ("10.1.0.1",), "pve2": ("10.1.0.2",)}
    assert ways["nodes"].ports == "2222,8006,60000:60050" and ways["nodes"].mutual


def test_each_link_has_a_port_of_its_own_between_its_addresses() -> None:
    ways = found(node(1), node(2))
    assert [(ways[f"corosync-{link}"].ports, ways[f"corosync-{link}"].proto) for link in (0, 1)] == [
        ("5405", "udp"),
        ("5406", "udp"),
    ]
    assert ways["corosync-1"].sources == ("10.2.0.1", "10.2.0.2")


def test_networks_of_migration_and_ceph() -> None:
    ways = found(*(node(number, migration="10.2.0.0/24", ceph=("10.2.0.0/24",)) for number in (1, 2)))
    assert ways["migration"].at == {"pve1": ("10.2.0.1",), "pve2": ("10.2.0.2",)}
    assert ways["ceph"].sources == ("10.2.0.0/24",) and ways["ceph"].ports == "3300,6789,6800:7300"
    assert ways["ceph"].mutual  # where packets that go out are filtered, its daemons still reach each other


def test_exports_are_open_to_their_clients() -> None:
    assert found(node(1, nfs=("10.5.0.0/24", "10.6.0.1")))["nfs"].sources == ("10.5.0.0/24", "10.6.0.1")
    assert found(node(1, nfs=("*",)))["nfs"].sources == ()
    assert "nfs" not in found(node(1))


def test_clients_by_name_have_to_be_declared() -> None:
    told = node(1, nfs=("10.5.0.0/24", "host.lab"))
    with pytest.raises(Invalid, match=r"NFS is exported to host\.lab, "):
        found(told)
    way: dict[str, object] = {"name": "lab", "sources": ["10.9.0.0/24"], "ports": "111,2049"}
    assert {"nfs", "lab"} <= set(found(told, declared=(way,)))


@pytest.mark.parametrize("name", ["controller", "NFS", "corosync-1", "my way", "x]", ""])
def test_a_declared_way_has_a_name_of_its_own_that_a_set_can_have(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be the name of a way"):
        found(node(1), declared=({"name": name, "sources": ["10.9.0.5"], "ports": "8007"},))


def test_two_declared_ways_of_one_name() -> None:
    way: dict[str, object] = {"name": "backup", "sources": ["10.9.0.5"], "ports": "8007"}
    with pytest.raises(Invalid, match="cannot be the name of a way"):
        found(node(1), declared=(way, {**way, "name": "Backup"}))


def test_a_node_alone_and_one_that_is_not_asked_by_ssh() -> None:
    assert set(found(node(1))) == {"controller"}
    assert found(node(1, connection=None, links={})) == {}


def test_declared_ways_lead_to_all_nodes() -> None:
    way: dict[str, object] = {"name": "backup", "sources": ["10.9.0.5"], "ports": "8007"}
    assert set(found(node(1), node(2), declared=(way,))["backup"].at) == {"pve1", "pve2"}
    for wrong in ({"sources": ["backup.lab"]}, {"ports": "https"}):
        with pytest.raises(Invalid, match="the way backup"):
            found(node(1), declared=({**way, **wrong},))


def test_a_node_tries_the_single_ports_of_the_others() -> None:
    targets = targets_of("pve1", list(ways_of([node(1), node(2)])))
    assert [(one["address"], one["port"]) for one in targets] == [("10.1.0.2", 2222), ("10.1.0.2", 8006)]
    assert local_networks([node(1)]) == {"pve1": "10.1.0.0/24"}
