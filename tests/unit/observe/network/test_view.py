"""What a node sees around it, and how far a change of its network is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.guarded_change import RECORD
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.target import Target
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network import guard, view

from ....doubles import cluster_nodes as lab
from ....doubles.support import FakeNode, transcript

PING = ("ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", "-s")


def test_addresses_pings_in_full_size_and_links() -> None:
    node = lab.standalone(2)
    node.commands[(*PING, "1472", "-M", "do", "10.10.1.1")] = Completed(0, "", "")
    node.commands[(*PING, "8972", "-M", "do", "-I", "10.10.2.12", "10.10.2.11")] = Completed(1, "", "message too long")
    node.commands[(*PING, "1452", "-M", "do", "2001:db8::1")] = Completed(0, "", "")
    node.commands[("corosync-cfgtool", "-n")] = transcript("061-3node-cfgtool-n")
    targets = [
        Target("10.10.1.1", "the gateway"),
        Target("10.10.2.11", "link 1 of pve1", 9000, "10.10.2.12"),
        Target("2001:db8::1", "the gateway"),
        Target("10.10.2.11", "Ceph's network of pve1"),
    ]
    node.commands[(*PING, "1472", "-M", "do", "10.10.2.11")] = Completed(0, "", "")
    found = view.observe(node, targets)
    assert found.reached == {"10.10.1.1": True, "10.10.2.11": False, "2001:db8::1": True}
    assert "10.10.1.12/24" in found.addresses
    assert found.connected == {(2, 0), (2, 1), (3, 0), (3, 1)}
    assert found.small == ()
    node.commands[(*PING, "1472", "-M", "do", "-I", "10.10.2.12", "10.10.2.11")] = Completed(0, "", "")
    assert view.observe(node, targets).small == ("10.10.2.11",), "the switch takes no larger ones"


def test_all_are_asked_side_by_side() -> None:
    """On a site of 32 nodes with three networks, one after the other would take longer than a change waits."""
    together: list[int] = []

    class SideBySide(FakeNode):
        def look_many(self, questions: Sequence[Question]) -> list[Any]:
            together.append(len(questions))
            return super().look_many(questions)

    known = lab.standalone(2)
    view.observe(
        SideBySide(known.files, commands=known.commands), [Target(f"10.10.1.{number}", "x") for number in range(1, 94)]
    )
    assert together == [93]


def test_a_bond_whose_lacp_nobody_answers() -> None:
    node = lab.standalone(2)
    mode = "Bonding Mode: IEEE 802.3ad Dynamic link aggregation\n"
    partner = f"{mode}Active Aggregator Info:\n\tAggregator ID: 1\n\tPartner Mac Address: {{}}\n"
    node.files["/proc/net/bonding/bond0"] = partner.format("00:00:00:00:00:00")
    node.files["/proc/net/bonding/bond1"] = partner.format("52:54:00:12:34:56")
    node.files["/proc/net/bonding/bond2"] = "Bonding Mode: fault-tolerance (active-backup)\n"
    node.files["/proc/net/bonding/bond3"] = f"{mode}bond bond3 has no active aggregator\n"
    assert view.observe(node, []).alone == ("bond0", "bond3")


def test_links_with_an_address_and_no_carrier() -> None:
    """A bridge between guests of one node has no cable, and one whose cable is pulled out has one."""
    cable, bridge = {"flags": ["UP"]}, {"flags": ["UP"], "linkinfo": {"info_kind": "bridge"}}
    address = {"addr_info": [{"local": "10.9.9.1", "prefixlen": 24}]}
    shown = [
        {"ifname": "eno1", **cable, **address},
        {"ifname": "eno2", "flags": ["UP", "LOWER_UP"], **address},
        {"ifname": "eno3", **cable, "master": "vmbr3"},
        {"ifname": "eno4", "flags": [], **address},
        {"ifname": "vmbr2", **bridge, **address},
        {"ifname": "vmbr3", **bridge, **address},
    ]
    node = lab.standalone(2)
    node.commands[("ip", "-json", "address")] = Completed(0, json.dumps(shown), "")
    assert view.observe(node, []).dark == ("eno1", "vmbr3")


def test_without_ping_nobody_is_reached() -> None:
    assert view.observe(lab.standalone(2), [Target("10.10.1.1", "the gateway")]).reached == {"10.10.1.1": False}


@pytest.mark.parametrize("state", ["prepared", "pending", "back"])
def test_how_far_a_change_is(state: str) -> None:
    assert guard.observe(FakeNode()) == "none"
    assert guard.observe(FakeNode(files={RECORD: f'{{"state": "{state}"}}'})) == state


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"state": "new"}'])
def test_a_record_that_does_not_tell_is_no_answer(text: str) -> None:
    with pytest.raises(Unreadable, match="how far a change"):
        guard.observe(FakeNode(files={RECORD: text}))
