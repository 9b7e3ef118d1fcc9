"""Which sessions and objects a declaration means."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.fabric import fabric_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.objects import holder, meaning, wanted_peers
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.sessions import bgp_sessions, sessions

from ....doubles.fabric_cases import declared, declared6


def one_group(number: int, reflectors: int, topology: str) -> dict[str, Any]:
    members = [f"n{index}" for index in range(number)]
    addresses = {name: f"10.{index // 200}.1.{1 + index % 200}" for index, name in enumerate(members)}
    group = {"name": "g", "asn": 64512, "members": members, "reflectors": members[:reflectors], "addresses": addresses}
    return {"topology": topology, "groups": [group]}


@pytest.mark.parametrize(("number", "expected"), [(6, 15), (50, 1225), (100, 4950)])
def test_a_mesh_has_a_session_for_each_pair(number: int, expected: int) -> None:
    assert len(sessions(fabric_from(one_group(number, 0, "full_mesh")))) == expected


@pytest.mark.parametrize(("number", "reflectors", "expected"), [(100, 2, 197), (500, 3, 1494), (1000, 4, 3990)])
def test_reflectors_save_most_of_them(number: int, reflectors: int, expected: int) -> None:
    assert len(sessions(fabric_from(one_group(number, reflectors, "route_reflector")))) == expected


def test_two_racks_have_twelve_with_those_of_the_switches() -> None:
    found = sessions(fabric_from(declared()))
    kinds = [session.kind for session in found]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"reflector": 6, "leaf": 4, "spine": 2}
    told = bgp_sessions(declared())
    assert [one["name"] for one in told["node3"]] == ["node1", "node2"], "and never the leaf"
    assert [(one["name"], one["address"], one["asn"], one["kind"]) for one in told["leaf1"]] == [
        ("spine", "100.64.0.1", 65008, "spine"),
        ("node1", "172.20.1.11", 64512, "leaf"),
        ("node2", "172.20.1.12", 64512, "leaf"),
    ]


def test_each_family_has_sessions_of_its_own() -> None:
    first, both = sessions(fabric_from(declared())), sessions(fabric_from(declared6()))
    assert len(both) == 2 * len(first) and first < both
    assert all(":" in end.address for session in both - first for end in (session.one, session.other))
    peers = wanted_peers(fabric_from(declared6()))
    assert peers["rr1-to-leaf1-peer-ipv6"] == {**peers["rr1-to-leaf1-peer"], "peerIP": "fd00:20:1::fe"}
    alone = declared6("full_mesh")
    alone["groups"][1].pop("addresses6")
    assert len(sessions(fabric_from(alone))) == 15 + 3 + 4, "with whoever has none there is none"


def test_a_fabric_that_lacks_something_is_told() -> None:
    with pytest.raises(Invalid, match="The fabric lacks topology"):
        bgp_sessions({})


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
