"""Which sessions and objects a declaration means."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.fabric import fabric_from
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.objects import holder, meaning, wanted_peers
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.standing import count, sessions

from ....doubles.fabric_cases import declared


def one_group(number: int, reflectors: int, topology: str) -> dict[str, Any]:
    members = [f"n{index}" for index in range(number)]
    addresses = {name: f"10.{index // 200}.1.{1 + index % 200}" for index, name in enumerate(members)}
    group = {"name": "g", "asn": 64512, "members": members, "reflectors": members[:reflectors], "addresses": addresses}
    return {"topology": topology, "groups": [group]}


@pytest.mark.parametrize(("number", "expected"), [(6, 15), (50, 1225), (100, 4950)])
def test_a_mesh_has_a_session_for_each_pair(number: int, expected: int) -> None:
    fabric = fabric_from(one_group(number, 0, "full_mesh"))
    assert (count(fabric), len(sessions(fabric))) == (expected, expected)


@pytest.mark.parametrize(("number", "reflectors", "expected"), [(100, 2, 197), (500, 3, 1494), (1000, 4, 3990)])
def test_reflectors_save_most_of_them(number: int, reflectors: int, expected: int) -> None:
    fabric = fabric_from(one_group(number, reflectors, "route_reflector"))
    assert (count(fabric), len(sessions(fabric))) == (expected, expected)


def test_two_racks_have_twelve_with_those_of_the_switches() -> None:
    found = sessions(fabric_from(declared()))
    kinds = [session.kind for session in found]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"reflector": 6, "leaf": 4, "spine": 2}
    ends = [end for session in found if session.kind != "spine" for end in (session.one, session.other)]
    assert ends.count("172.20.1.13") == 2, "a client has its two reflectors, and never the leaf"


def test_in_a_rack_each_has_the_leaf_and_nobody_else() -> None:
    found = sessions(fabric_from(declared("top_of_rack")))
    assert [session.kind for session in found].count("leaf") == 6
    assert len(found) == 8


def test_the_peer_of_a_leaf_keeps_next_hops() -> None:
    assert wanted_peers(fabric_from(declared())) == {
        "rr1-to-leaf1-peer": {
            "nodeSelector": "rr-id == 'rr1'",
            "peerIP": "172.20.1.254",
            "asNumber": 65009,
            "keepOriginalNextHop": True,
        },
        "rr1-to-node-peer": {"nodeSelector": "rr-group == 'rr1'", "peerSelector": "rr-id == 'rr1'"},
        "rr2-to-leaf2-peer": {
            "nodeSelector": "rr-id == 'rr2'",
            "peerIP": "172.20.2.254",
            "asNumber": 65010,
            "keepOriginalNextHop": True,
        },
        "rr2-to-node-peer": {"nodeSelector": "rr-group == 'rr2'", "peerSelector": "rr-id == 'rr2'"},
    }


def test_a_password_is_named_and_not_said() -> None:
    said = declared(password_secret={"name": "bgp", "entry": "leaf"})
    peer = wanted_peers(fabric_from(said))["rr1-to-leaf1-peer"]
    assert peer["password"] == {"secretKeyRef": {"name": "bgp", "key": "leaf"}}


@pytest.mark.parametrize(
    "other",
    [
        {"nodeSelector": 'rr-id=="rr1"', "peerIP": "172.20.1.254", "asNumber": 65009, "nextHopMode": "Keep"},
        {
            "nodeSelector": "rr-id  ==  'rr1'",
            "peerIP": "172.20.1.254",
            "asNumber": "65009",
            "keepOriginalNextHop": True,
            "sourceAddress": "UseNodeIP",
            "node": "",
        },
    ],
)
def test_what_means_the_same_is_the_same(other: dict[str, Any]) -> None:
    spec = wanted_peers(fabric_from(declared()))["rr1-to-leaf1-peer"]
    assert meaning(other) == meaning(spec)
    assert holder("rr1-to-leaf1-peer", spec, {"by-hand": other}) == "by-hand"


def test_another_source_address_is_another_peer() -> None:
    spec = wanted_peers(fabric_from(declared()))["rr1-to-leaf1-peer"]
    assert holder("rr1-to-leaf1-peer", spec, {"x": {**spec, "sourceAddress": "None"}}) is None


def test_a_thousand_nodes_are_counted_without_listing_their_pairs() -> None:
    began = time.process_time()
    assert count(fabric_from(one_group(1000, 0, "full_mesh"))) == 499500
    assert time.process_time() - began < 5
