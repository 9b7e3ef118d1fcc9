"""What the API of a real cluster told, and what is made of it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.web import Guests, KnownNode
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster import web

from ....doubles.api_server import api_transcript
from ....doubles.support import FakeNode


def recorded() -> FakeNode:
    node = FakeNode()
    node.api = {
        web.STATUS: api_transcript("639cm-dc-cluster-status")["body"]["data"],
        web.GUESTS: [
            row for row in api_transcript("648-start-resources")["body"]["data"] if row["type"] in ("qemu", "lxc")
        ],
    }
    return node


def test_nodes_and_guests() -> None:
    seen = web.observe(recorded())
    assert seen.nodes == (KnownNode("pve1", "10.20.9.11", True), KnownNode("pve2", "10.20.9.12", True))
    everything = api_transcript("648-start-resources")["body"]["data"]
    templates = sum(bool(row.get("template")) for row in everything)
    assert templates > 0
    assert seen.guests.total == sum(row["type"] in ("qemu", "lxc") for row in everything) - templates
    assert 0 < seen.guests.running < seen.guests.total


def test_whether_a_guest_runs_on_a_node_that_is_off_is_not_known() -> None:
    node = recorded()
    node.api[web.GUESTS] = [{"vmid": 100, "status": "unknown"}, {"vmid": 101, "status": "running"}]
    assert web.observe(node).guests == Guests(2, 1, 1)


def test_no_answer_is_no_empty_cluster() -> None:
    with pytest.raises(Unreadable):
        web.observe(FakeNode())
