"""ceph_osd_state and ceph_osd_removal: OSDs leave only when Ceph agrees, and a run that was cut off is finished."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.osd_removal import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.ceph_osd_removal import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.ceph_osd_state import SUBJECT as STATE

from ....doubles.ceph_support import CephFake, add_osd, add_pool, cluster_answers, group
from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed

ASK = ("ceph", "--connect-timeout", "10", "-f", "json")
FOLDER = "/var/lib/ceph/osd/ceph-0"


def answers(node: FakeNode) -> dict[str, Any]:
    assert isinstance(node, CephFake) and node.answers is not None
    return node.answers


def entry(node: FakeNode, number: int = 0) -> dict[str, Any]:
    return next(osd for osd in answers(node)["osd dump"]["osds"] if osd["osd"] == number)


def node(safe: bool = True, stops: int = 0, states: str = "active+clean") -> CephFake:
    """pve1 with osd.0 on the disk sda, in a cluster of six OSDs on three hosts."""
    fake = CephFake().initialized("pve1", "pve2", "pve3").disk("sda", fstype="ceph_bluestore")
    fake.answers = cluster_answers(osds=6)
    add_pool(fake.answers, "vms")
    fake.active_osd(0, "/dev/sda")
    fake.files["/proc/mounts"] = f"tmpfs {FOLDER} tmpfs rw 0 0\n"
    acting = (1, 2, 4) if safe and not stops else (0, 1, 2)
    fake.groups = [group(f"1.{number:x}", acting, states) for number in range(32)]
    for numbers in (("0",), ("0", "3")):
        gates(fake, numbers, safe, stops)
        fake.commands[("ask_ceph", "placed", *numbers)] = printed("null")
    fake.commands[(*ASK, "osd", "info", "0")] = lambda node: printed(json.dumps(entry(node)))
    fake.effects = effects()
    return fake


def gates(fake: CephFake, numbers: tuple[str, ...], safe: bool, stops: int = 0) -> None:
    ids = [int(number) for number in numbers]
    destroy = {"safe_to_destroy": ids if safe else [], "active": [] if safe else ids}
    answer = {"osd safe-to-destroy": destroy, "osd ok-to-stop": {"num_not_ok_pgs": stops}}
    fake.commands[("ask_ceph", "gates", *numbers)] = printed(json.dumps(answer))


def effects() -> dict[tuple[str, ...], Callable[[FakeNode], None]]:
    def stopped(fake: FakeNode) -> None:
        assert isinstance(fake, CephFake)
        fake.running.discard("ceph-osd@0.service")
        fake.enabled.discard("ceph-osd@0.service")
        if any(osd["osd"] == 0 for osd in answers(fake)["osd dump"]["osds"]):
            entry(fake)["up"] = 0

    def purged(fake: FakeNode) -> None:
        osds = answers(fake)["osd dump"]["osds"]
        osds[:] = [osd for osd in osds if osd["osd"] != 0]

    def wiped(fake: FakeNode) -> None:
        assert isinstance(fake, CephFake)
        fake.devices[0]["fstype"] = None

    def removed(fake: FakeNode) -> None:
        assert isinstance(fake, CephFake)
        del fake.directories[FOLDER]
        fake.links.clear()
        fake.files = {path: text for path, text in fake.files.items() if not path.startswith(f"{FOLDER}/")}

    ceph = ("ceph", "--connect-timeout", "10", "osd")
    return {
        ("systemctl", "disable", "--now"): stopped,
        (*ceph, "purge"): purged,
        (*ceph, "destroy"): lambda fake: entry(fake).update(state=["exists", "destroyed"]),
        ("wipefs",): wiped,
        ("umount",): lambda fake: fake.files.update({"/proc/mounts": ""}),
        ("rm",): removed,
    }


def params(*osds: int, **changes: Any) -> dict[str, Any]:
    return {
        "osds": list(osds or (0,)),
        "keep_ids": False,
        "give_up": [],
        "wipe": True,
        "tolerated_health": [],
        **changes,
    }


def plan_of(fake: FakeNode, *osds: int, **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(*osds, **changes), fake)


def commands(plan: Plan) -> list[str]:
    return [" ".join(step.action.argv) for step in plan.steps if isinstance(step.action, Run)]


def test_removal_in_a_safe_order() -> None:
    plan = plan_of(node())
    assert [step.id for step in plan.steps] == [
        "osd.stop:0",
        "osd.wait-down:0",
        "osd.purge:0",
        "osd.wipe:0",
        "osd.unmount:0",
        "osd.forget:0",
    ]
    assert plan.sentences[2] == "purge osd.0 (pve1), its key and its place in the CRUSH map"
    assert commands(plan)[1] == "ceph --connect-timeout 10 osd purge 0 --yes-i-really-mean-it"
    assert [step.destructive for step in plan.steps] == [False, False, True, True, False, False]
    assert not plan.refusals


def test_the_number_is_kept_for_another_disk() -> None:
    assert "ceph --connect-timeout 10 osd destroy 0 --yes-i-really-mean-it" in commands(plan_of(node(), keep_ids=True))


def test_volumes_are_taken_apart_by_the_number_of_the_osd() -> None:
    fake = node()
    fake.devices[0]["fstype"] = "LVM2_member"
    assert commands(plan_of(fake))[2:] == [
        # which unmounts the directory itself, and umount would then fail
        "ceph-volume lvm zap --destroy --osd-id 0 --osd-fsid uuid-0",
        f"rm -r --one-file-system {FOLDER}",
    ]
    assert f"umount {FOLDER}" in commands(plan_of(fake, wipe=False))


def test_two_osds_of_one_disk_are_two_steps() -> None:
    fake = node()
    fake.devices[0]["fstype"] = "LVM2_member"
    fake.active_osd(3, "/dev/sda")
    steps = [step.id for step in plan_of(fake, 0, 3).steps]
    assert len(steps) == len(set(steps)) and {"osd.wipe:0", "osd.wipe:3"} <= set(steps)


def partition(name: str, **fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("model", "serial", "wwn", "pttype", "fstype", "mountpoint"))
    return {**empty, "name": name, "path": f"/dev/{name}", "type": "part", "size": 1, "rota": False, **fields}


def test_of_a_disk_with_partitions_only_its_own_is_wiped() -> None:
    """The others may hold anything, also an OSD that does not run now."""
    fake = node()
    parts = [partition("sda1", fstype="ceph_bluestore"), partition("sda2", fstype="ext4")]
    fake.devices[0].update(fstype=None, pttype="gpt", children=parts)
    fake.active_osd(0, "/dev/sda1")
    plan = plan_of(fake)
    assert [line for line in commands(plan) if "wipefs" in line] == ["wipefs --all /dev/sda1"]
    assert "wipe /dev/sda1 of /dev/disk/by-id/id-SDA (1000 GB, serial SDA), the disk of osd.0" in plan.sentences


def test_a_broken_disk_need_not_be_wiped() -> None:
    assert not [line for line in commands(plan_of(node(), wipe=False)) if line.startswith("wipefs")]


def test_refused_while_ceph_does_not_agree() -> None:
    plan = plan_of(node(safe=False, stops=3))
    assert [refusal.reason for refusal in plan.refusals] == [
        "osd.0 holds placement groups.",
        "Without osd.0 nobody could read or write 3 placement groups.",
    ]


def test_given_up_by_name() -> None:
    plan = plan_of(node(safe=False), give_up=[0])
    assert not plan.refusals
    assert "ceph --connect-timeout 10 osd purge 0 --force --yes-i-really-mean-it" in commands(plan)
    assert plan_of(node(safe=False, states="down"), give_up=[0]).refusals
    assert plan_of(node(safe=False, stops=1), give_up=[0]).refusals


def test_an_osd_of_another_node_must_be_down() -> None:
    fake = node()
    gates(fake, ("1",), safe=True)
    fake.groups = [group("1.0", (0, 2, 5))]
    assert str(plan_of(fake, 1).refusals[0]) == "osd.1 runs on pve2, not on pve1. Run this on pve2."
    entry(fake, 1)["up"] = 0
    plan = plan_of(fake, 1)
    assert not plan.refusals
    assert [step.id for step in plan.steps] == ["osd.purge:1"]


def test_one_that_is_gone_is_fine_unless_its_number_is_to_be_kept() -> None:
    assert not plan_of(node(), 99).steps
    assert str(plan_of(node(), 99, keep_ids=True).refusals[0]) == "There is no osd.99. There are: 0, 1, 2, 3, 4, 5."


def test_silent_monitors() -> None:
    fake = node()
    fake.answers = None
    plan = plan_of(fake)
    assert "do not answer" in str(plan.refusals[0])
    assert not plan.steps


@pytest.mark.parametrize("keep_ids", [False, True])
def test_a_run_killed_after_any_step_is_finished_by_the_next(keep_ids: bool) -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(keep_ids=keep_ids), node) == 7


def test_give_up_names_what_is_taken_away() -> None:
    with pytest.raises(Invalid, match="give_up names OSDs that are not in osds"):
        desired_from(params(give_up=[1]))


def state(fake: FakeNode, *osds: int, **changes: Any) -> Plan:
    return make_plan(
        STATE, {"osds": list(osds), "membership": None, "noout": None, "tolerated_health": [], **changes}, fake
    )


def test_in_and_out() -> None:
    assert commands(state(node(), 0, membership="out")) == ["ceph --connect-timeout 10 osd out 0"]
    assert not state(node(), 0, membership="in").steps
    fake = node()
    entry(fake)["in"] = 0
    assert not state(fake, 0, membership="out").steps
    assert commands(state(fake, 0, membership="in")) == ["ceph --connect-timeout 10 osd in 0"]


def test_out_is_refused_when_the_data_could_go_nowhere() -> None:
    plan = state(node(), 0, 3, membership="out")
    assert "but only 2 would be left" in str(plan.refusals[0]) and "give_up" in plan.refusals[0].hint


def unwell(fake: CephFake, *codes: str, muted: bool = False) -> CephFake:
    checks = {code: {"severity": "HEALTH_WARN", "summary": {"message": "x"}, "muted": muted} for code in codes}
    answers(fake)["status"]["health"] = {"status": "HEALTH_WARN", "checks": checks}
    return fake


def test_no_data_is_moved_while_other_data_is_in_danger() -> None:
    for muted in (False, True):
        plan = state(unwell(node(), "PG_DAMAGED", "MON_DISK_LOW", muted=muted), 0, membership="out")
        assert plan.refusals[0].reason == f"Ceph is not healthy: PG_DAMAGED{' (muted)' * muted}: x."
    assert not state(unwell(node(), "PG_DAMAGED"), 0, membership="out", tolerated_health=["PG_DAMAGED"]).refusals
    assert "PG_DAMAGED" in plan_of(unwell(node(), "PG_DAMAGED")).refusals[0].reason


def test_what_has_begun_may_be_seen_in_the_health() -> None:
    fake = unwell(node(), "OSD_DOWN", "PG_DEGRADED", "OSD_FLAGS")
    assert len(plan_of(fake).refusals) == 1
    entry(fake).update(up=0, state=["exists", "noout"])
    assert not plan_of(fake).refusals


def test_maintenance_is_marked_and_unmarked() -> None:
    fake = node()
    assert commands(state(fake, 0, noout=True)) == ["ceph --connect-timeout 10 osd set-group noout osd.0"]
    assert not state(fake, 0, noout=False).steps
    entry(fake)["state"] = ["exists", "up", "noout"]
    assert not state(fake, 0, noout=True).steps
    assert commands(state(fake, 0, noout=False)) == ["ceph --connect-timeout 10 osd unset-group noout osd.0"]


def test_unknown_osds_are_named() -> None:
    fake = node()
    add_osd(answers(fake), 7, "pve1")
    assert str(state(fake, 9, noout=True).refusals[0]) == "There is no osd.9. There are: 0, 1, 2, 3, 4, 5, 7."
