"""vlans: what is tried from node to node, and what an answer that is missing says."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.network.vlans import Trip
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.vlans import not_answered, trips_of


def shown(node: str, *bridges: dict[str, Any], uses: tuple[dict[str, Any], ...] = (), host: str = "") -> dict[str, Any]:
    told = {"host": host or node, "node": node, "interfaces": [{"name": "eno1", "type": "physical"}, *bridges]}
    return {**told, "uses": [{"interface": "vmbr1", "by": "link 0"}, *uses]}


def bridge(vids: str, *ports: str, name: str = "vmbr1") -> dict[str, Any]:
    return {"name": name, "type": "bridge", "ports": list(ports), "vlan_aware": True, "vids": vids}


def test_what_both_have() -> None:
    plain = {"name": "vmbr0", "type": "bridge", "ports": ["eno1"]}
    one = shown("pve1", bridge("20 30", "bond0"), bridge("20", "eno5", name="vmbr2"), plain)
    two = shown("pve2", bridge("20 40", "eno3"), plain)
    three = shown("pve3", bridge("20", "eno3"), bridge("20", name="vmbr2"))
    assert trips_of([one, two, three], "pve1") == (Trip("vmbr1", "bond0", 20, ("pve2", "pve3")),)
    assert trips_of([one, two, three], "pve3") == (Trip("vmbr1", "eno3", 20, ("pve1", "pve2")),)
    assert trips_of([one], "pve1") == ()


def test_a_node_answers_by_the_name_that_it_gives_itself() -> None:
    nodes = [shown(f"pve{one}", bridge("20", "eno3"), host=f"rack{one}.example.org") for one in (1, 2)]
    assert trips_of(nodes, "rack1.example.org") == (Trip("vmbr1", "eno3", 20, ("pve2",)),)


def test_of_a_bridge_for_all_vlans_those_of_guests_are_tried_wherever_they_are() -> None:
    guest = {"interface": "vmbr1", "by": "VM 101", "tag": 25}
    nodes = [
        shown("pve1", bridge("2-4094", "eno3")),
        shown("pve2", bridge("2-4094", "eno3"), uses=(guest, {**guest, "interface": "vmbr7", "tag": 26})),
    ]
    assert trips_of(nodes, "pve1") == (Trip("vmbr1", "eno3", 25, ("pve2",)),)


def test_one_port_that_brings_an_answer_is_enough() -> None:
    trips = [Trip("vmbr1", "eno3", 20, ("pve2", "pve3")), Trip("vmbr1", "eno4", 20, ("pve2", "pve3"))]
    assert not_answered("pve1", trips, {"eno3@20": ["pve2"], "eno4@20": ["pve3", "pve9"]}) == []
    assert not_answered("pve1", trips, {"eno3@20": ["pve2"]}) == [
        "VLAN 20 does not get from vmbr1 of pve1 to vmbr1 of pve3 and back."
    ]
