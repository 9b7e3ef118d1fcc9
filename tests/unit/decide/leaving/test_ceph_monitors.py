"""node_membership: the monitors are asked wherever they are named; a node with Ceph is never taken for one without."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed

from ....doubles.leaving_ceph import CONF, LeavingCeph
from ....doubles.leaving_node import POWER_OFF, plan

SECTIONS = [("\tmon_host = 10.10.2.11 10.10.2.12 10.10.2.13\n", ""), ("public_addr = ", "mon addr = ")]
ELSEWHERE = [SECTIONS[0], ("\n[mon.pve1]", "\n[mon]\n\tmon_host = 10.10.2.11\n\n[mon.pve1]")]
IN_DNS = [SECTIONS[0], ("[mon.pve1]\n\tpublic_addr = 10.10.2.11\n", "")]


@pytest.mark.parametrize("edits", [SECTIONS, ELSEWHERE, IN_DNS], ids=["sections", "mon", "DNS"])
def test_monitors_that_are_not_in_mon_host_are_asked_all_the_same(edits: list[tuple[str, str]]) -> None:
    """A node full of OSDs is never taken for one without Ceph."""
    node = LeavingCeph()
    for before, after in edits:
        assert before in node.files[CONF]
        node.files[CONF] = node.files[CONF].replace(before, after)
    assert [step.id for step in plan(node).steps if step.topic == "data"] == [
        step.id for step in plan(LeavingCeph()).steps if step.topic == "data"
    ]


@pytest.mark.parametrize("named", [True, False])
def test_monitors_that_nobody_finds_are_not_taken_for_none(named: bool) -> None:
    node = LeavingCeph()
    node.files[CONF] = "[global]\n\tfsid = x\n" + "[mon.pve3]\n" * named
    lost = "[errno 2] RADOS object not found (error connecting to the cluster)\n" if named else "ended after 30 s\n"
    node.commands["ask_ceph", "data"] = Completed(1, "", lost)
    (refusal,) = plan(node).refusals
    assert "so nobody can tell what is on pve3" in refusal.reason and "mon_host in [global]" in refusal.hint


def test_a_ceph_whose_first_monitor_has_never_been_made_is_in_nobodys_way() -> None:
    node = LeavingCeph()
    node.files[CONF] = "[global]\n\tfsid = x\n"
    lost = "[errno 2] RADOS object not found (error connecting to the cluster)\n"
    node.commands["ask_ceph", "data"] = Completed(1, "", lost)
    assert not plan(node).refusals and plan(node).steps[0].id == POWER_OFF[0]
