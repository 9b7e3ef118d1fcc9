"""A node is held for its upgrade and released: nothing stays set, wherever a run was cut short."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.upgrade.hold import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.hold import Marker, parse_marker
from ansible_collections.baremetal.virt.plugins.modules.upgrade_hold import SUBJECT

from ....doubles.support import Completed, assert_converges_from_every_kill, printed
from ....doubles.upgrading import MANAGER, MARKER, RESOURCES, Upgrading, ids, params, plan, said

LOCAL = "name: vm900\ntags: witness;old\nscsi0: local-lvm:vm-900-disk-0\n"


def busy() -> Upgrading:
    """One guest that HA moves, one that is migrated, one that can go nowhere, one that HA has and that can go nowhere,
    and one that is off."""
    node = Upgrading().managed(101).plain(102).plain(900, LOCAL).plain(103, running=False)
    node.managed(104)
    path = next(path for path in node.files if path.endswith("/104.conf"))
    node.files[path] = "name: vm104\nscsi0: local-lvm:vm-104-disk-0\n"
    return node


POLICIES = {"900": "stop", "104": "stop"}


def carried_out(node: Upgrading, state: str = "held", **changes: Any) -> Upgrading:
    for step in plan(node, state, **changes).steps:
        node.act(step)
    return node


def test_the_plan_for_a_busy_node() -> None:
    made = plan(busy(), guests=POLICIES)
    assert said(made) == ""
    assert ids(made) == [
        "marker.write:pve3",
        "guest.ha-stop:104",
        "guest.stopped:104",
        "guest.shutdown:900",
        "guest.stopped:900",
        "maintenance.enable:pve3",
        "maintenance.wait:pve3",
        "guest.moved:101",
        "guest.migrate:102",
        "guest.moved:102",
        "drain.wait:pve3",
        "osd.set-noout:pve3",
    ]
    assert made.tells["stopped"] == ["VM 104 (vm104)", "VM 900 (vm900)"]
    assert made.tells["moved"] == ["VM 101 (vm101)", "VM 102 (vm102)"]
    assert made.tells["reboot"]


def test_the_marker_says_what_was_set_and_by_whom() -> None:
    node = carried_out(busy(), guests=POLICIES)
    assert parse_marker(node.files[MARKER]) == Marker(
        "pve3", "root@desk", "2026-11-30 22:00", True, (2,), ("vm:104", "vm:900"), {"vm:104": "started"}
    )
    assert plan(node, guests=POLICIES).steps == ()


def test_everything_is_taken_back() -> None:
    node = carried_out(busy(), guests=POLICIES)
    made = plan(node, "released")
    assert ids(made) == [
        "osd.unset-noout:pve3",
        "maintenance.disable:pve3",
        "maintenance.end:pve3",
        "guest.ha-start:104",
        "guest.running:104",
        "guest.start:900",
        "guest.running:900",
        "marker.remove:pve3",
    ]
    carried_out(node, "released")
    assert nothing_left(node)


def nothing_left(node: Upgrading) -> bool:
    assert MARKER not in node.files
    assert json.loads(node.files[MANAGER])["node_status"]["pve3"] == "online"
    assert "stopped" not in node.files[RESOURCES]
    assert "noout" not in node.osd(2).get("state", ())
    assert {101, 102, 104, 900} <= node.running
    return plan(node, "released").steps == ()


def test_a_run_killed_after_every_step_is_finished_by_the_next() -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(guests=POLICIES), busy) == 13
    assert assert_converges_from_every_kill(SUBJECT, params("released"), held) == 9


def held() -> Upgrading:
    return carried_out(busy(), guests=POLICIES)


@pytest.mark.parametrize("cut", range(13))
def test_killed_anywhere_and_taken_back_nothing_is_left(cut: int) -> None:
    """Cut off while the node was being held, then again while that was being taken back."""
    for second in range(9):
        node = busy()
        for step in plan(node, guests=POLICIES).steps[:cut]:
            node.act(step)
        for step in plan(node, "released").steps[:second]:
            node.act(step)
        carried_out(node, "released")
        assert nothing_left(node)


def test_another_controller_takes_back_what_the_first_has_set() -> None:
    node = carried_out(busy(), guests=POLICIES)
    made = plan(node, "released", by="somebody@else", guests={})
    assert "maintenance.disable:pve3" in ids(made)


def test_what_others_have_set_stays() -> None:
    node = Upgrading()
    node.osd(2)["state"] = ["exists", "up", "noout"]
    carried_out(node, tolerated_health=["OSD_FLAGS"])
    assert parse_marker(node.files[MARKER]).noout == ()
    carried_out(node, "released")
    assert "noout" in node.osd(2)["state"]


def test_noout_of_the_bucket_is_somebody_elses_and_is_told() -> None:
    node = Upgrading()
    node.answers["osd dump"]["crush_node_flags"] = {"pve3": ["noout"]}
    carried_out(node)
    assert parse_marker(node.files[MARKER]).noout == ()
    assert "noout stands for the bucket pve3" in " ".join(plan(node, "released").warnings)


def test_a_guest_that_goes_on_keeps_the_node_from_booting() -> None:
    node = Upgrading().plain(900, LOCAL).managed(101)
    made = plan(node, guests={"witness": "leave"})
    assert (ids(made), made.tells["reboot"], said(made)) == (["marker.write:pve3"], False, "")


def test_a_number_says_more_than_a_tag() -> None:
    made = plan(Upgrading().plain(900, LOCAL), guests={"witness": "leave", "900": "stop"})
    assert made.tells["reboot"]
    assert "guest.shutdown:900" in ids(made)


def test_of_several_tags_the_strictest_counts() -> None:
    assert "local-lvm" in said(plan(Upgrading().plain(900, LOCAL), guests={"witness": "stop", "old": "refuse"}))


def test_without_a_policy_a_guest_that_can_go_nowhere_is_refused() -> None:
    assert "VM 900 (vm900) has volumes that only pve3 can see" in said(plan(busy()))


def test_a_guest_that_can_go_is_moved_whatever_its_policy() -> None:
    assert plan(Upgrading().plain(102), guests={"102": "stop"}).tells["stopped"] == []


def test_without_a_boot_nobody_moves() -> None:
    made = plan(busy(), reboot=False)
    assert (ids(made), said(made)) == (["marker.write:pve3"], "")


def test_a_node_that_is_not_back_keeps_what_is_set() -> None:
    node = carried_out(busy(), guests=POLICIES)
    node.off("pve3")
    made = plan(node, "released")
    assert made.steps == ()
    assert said(made).startswith("pve3 is not back, so maintenance mode, noout on osd.2, vm:104 stopped")


def test_noout_is_not_forgotten_while_ceph_is_silent() -> None:
    node = carried_out(busy(), guests=POLICIES)
    node.commands["ask_ceph", "data"] = Completed(1, "", "timed out")
    made = plan(node, "released")
    assert made.steps == ()
    assert "No monitor of Ceph answers" in said(made) and "noout on osd.2" in said(made)


def test_without_noout_a_silent_ceph_keeps_nothing_back() -> None:
    node = carried_out(busy(), guests=POLICIES, reboot=False)
    node.commands["ask_ceph", "data"] = Completed(1, "", "timed out")
    assert ids(plan(node, "released")) == ["marker.remove:pve3"]


def test_a_guest_that_ha_has_no_more_is_started_all_the_same() -> None:
    node = carried_out(busy(), guests=POLICIES)
    node.files[RESOURCES] = node.files[RESOURCES].replace("vm: 104\n\tstate stopped\n", "")
    assert "104" not in node.files[RESOURCES]
    carried_out(node, "released")
    assert 104 in node.running and MARKER not in node.files


def test_a_guest_is_not_stopped_because_nobody_tells_of_memory() -> None:
    node = Upgrading().plain(102)
    for name in ("pve1", "pve2", "pve4"):
        node.commands["pvesh", "get", f"/nodes/{name}/status", "--output-format", "json"] = printed("{}")
    made = plan(node, guests={"102": "stop"})
    assert "did not say how much memory" in said(made)


def test_nothing_to_take_back() -> None:
    made = plan(Upgrading(), "released")
    assert (made.steps, made.refusals) == ((), ())


def test_a_guest_that_has_gone_meanwhile_is_told() -> None:
    node = carried_out(busy(), guests=POLICIES)
    node.move(900, "pve2")
    assert any("vm:900 was stopped for the upgrade" in one for one in plan(node, "released").warnings)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"by": "me"}'])
def test_a_marker_that_cannot_be_read_is_no_missing_one(text: str) -> None:
    node = Upgrading()
    node.files[MARKER] = text
    with pytest.raises(Unreadable):
        plan(node, "released")


def test_policies_are_words() -> None:
    with pytest.raises(Invalid, match="no policy"):
        plan(Upgrading(), guests={"100": "suspend"})
    with pytest.raises(Invalid, match="name of a node"):
        desired_from(params(node="10.0.0.1/24"))
