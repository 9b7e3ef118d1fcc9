"""Ceph becomes new in its own order, each daemon proved; a run that is cut off anywhere is finished by the next."""

from __future__ import annotations

import random
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.ceph_order import ceph_upgrade_order
from ansible_collections.baremetal.virt.plugins.modules.ceph_upgrade import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.ceph_upgrade_info import INQUIRY

from ....doubles.ceph_support import CephFake
from ....doubles.ceph_upgrade_sim import NEW, OLD, UpgradeNode, UpgradeSim, options

STAGES = ("mon", "mgr", "osd", "fs", "mds", "finish")


def nodes(sim: UpgradeSim) -> dict[str, UpgradeNode]:
    return {name: UpgradeNode(sim, name) for name in sim.nodes}


def plan(sim: UpgradeSim, node: str, stage: str, **given: Any) -> Plan:
    return make_plan(SUBJECT, options(stage=stage, **given), nodes(sim)[node])


def refusals(sim: UpgradeSim, node: str, stage: str, **given: Any) -> str:
    return " ".join(str(one) for one in plan(sim, node, stage, **given).refusals)


def look(sim: UpgradeSim, to: str = "squid", **given: Any) -> dict[str, Any]:
    asked = {"to": to, "interruption": False, "tolerated_health": [], **given}
    return ceph_upgrade_order([{**INQUIRY.answer(node, asked), "host": name} for name, node in nodes(sim).items()])


def upgrade(sim: UpgradeSim, cut: Optional[int] = None) -> int:
    """What upgrade_ceph.yml does; ``cut``: it is killed after so many steps. Returns how many were taken."""
    taken = 0
    for stage in STAGES:
        for host in [one["host"] for one in look(sim)["stages"] if one["stage"] == stage]:
            node = UpgradeNode(sim, host)
            made = make_plan(SUBJECT, options(stage=stage), node)
            assert not made.refusals, made.refusals
            for step in made.steps:
                if taken == cut:
                    return taken
                node.act(step)
                taken += 1
            left = make_plan(SUBJECT, options(stage=stage), node)
            assert not left.steps and not left.refusals
    return taken


def assert_new(sim: UpgradeSim) -> None:
    assert {one.version for one in sim.daemons.values()} == {NEW}
    assert (sim.required, sim.kept) == ("squid", {})
    assert (sim.filesystem.max_mds, sim.filesystem.replays) == (2, True)


def test_everything_becomes_new_in_order_and_a_standby_before_who_is_active() -> None:
    sim = UpgradeSim()
    upgrade(sim)
    assert_new(sim)
    assert sim.history[:6] == ["mon.pve1", "mon.pve2", "mon.pve3", "mgr.pve2", "mgr.pve3", "mgr.pve1"]
    assert sim.history[6:12] == ["osd.0", "osd.3", "osd.1", "osd.4", "osd.2", "osd.5"]
    assert sim.history[12:] == ["mds.pve2", "mds.pve3", "mds.pve1"]
    assert upgrade(sim) == 0


def test_the_steps_of_an_osd() -> None:
    sim = UpgradeSim()
    for one in sim.of("mon") + sim.of("mgr"):
        one.version = NEW
    assert [step.id for step in plan(sim, "pve1", "osd").steps] == [
        "osd.wait-whole:before",
        *("osd.wait-may-stop:0", "osd.restart:0", "osd.wait-new:0", "osd.wait-whole:0"),
        *("osd.wait-may-stop:3", "osd.restart:3", "osd.wait-new:3", "osd.wait-whole:3"),
    ]


def test_a_run_that_is_cut_off_anywhere_is_finished_by_the_next() -> None:
    total = upgrade(UpgradeSim())
    for cut in range(total):
        sim = UpgradeSim()
        assert upgrade(sim, cut) == cut
        upgrade(sim)
        assert_new(sim)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_new_already_the_order_stays(seed: int) -> None:
    """A crash, or a reboot after the packages, starts daemons before their turn."""
    sim, chance = UpgradeSim(), random.Random(seed)
    for one in sim.daemons.values():
        if one.kind != "mds" and chance.random() < 0.4:
            one.version = NEW
    upgrade(sim)
    assert_new(sim)
    kinds = [name.partition(".")[0] for name in sim.history]
    assert kinds == sorted(kinds, key=STAGES.index)


def test_a_build_of_the_same_number_is_another_version() -> None:
    sim = UpgradeSim()
    rebuilt = NEW.replace("c92aebb2", "11112222")
    for one in sim.daemons.values():
        one.version = rebuilt
    assert {one["stage"] for one in look(sim, "")["stages"]} == set(STAGES)


def test_an_earlier_kind_comes_first_on_whatever_node() -> None:
    sim = UpgradeSim()
    for one in sim.of("mon"):
        one.version = NEW
    sim.daemons["mon.pve3"].version = OLD
    assert "mon.pve3 on pve3 (18.2.7 (reef, 6b0e9880))" in refusals(sim, "pve1", "osd")
    assert "before a OSD" not in refusals(sim, "pve1", "mon")


def test_a_version_that_is_not_installed_is_not_started() -> None:
    sim = UpgradeSim()
    sim.installed["pve1"] = OLD
    assert "pve1 has 18.2.7 (reef, 6b0e9880) installed" in refusals(sim, "pve1", "mon")
    told = look(sim)
    assert told["version"] == "" and len(told["differ"]) == 3


def test_the_last_step_waits_for_osds_that_are_down() -> None:
    sim = UpgradeSim()
    upgrade(sim)
    sim.required, sim.daemons["osd.4"].up = "reef", False
    assert "osd.4 on pve2 (19.2.3 (squid, c92aebb2), down)" in refusals(sim, "pve1", "finish")


def test_an_osd_on_its_way_up_is_waited_for_and_one_that_failed_is_not() -> None:
    sim = UpgradeSim()
    for one in sim.of("mon") + sim.of("mgr"):
        one.version = NEW
    sim.daemons["osd.0"].up = False
    assert not plan(sim, "pve1", "osd").refusals
    assert "osd.wait-may-stop:0" not in [step.id for step in plan(sim, "pve1", "osd").steps]
    node = UpgradeNode(sim, "pve1")
    node.running.discard("ceph-osd@0.service")
    found = " ".join(map(str, make_plan(SUBJECT, options(stage="osd"), node).refusals))
    assert "OSD_DOWN" in found
    assert "OSD_DOWN" in refusals(sim, "pve2", "osd")


def test_a_crash_on_the_way_stops_it_and_one_of_before_does_not() -> None:
    sim = UpgradeSim()
    sim.checks, sim.crashes = {"RECENT_CRASH": False}, ["2026-11-30T01:00:00_a"]
    told = look(sim)
    assert told["crashes"] == ["2026-11-30T01:00:00_a"] and told["in_the_way"] == []
    assert not plan(sim, "pve1", "mon", known_crashes=told["crashes"]).refusals
    assert "has crashed since the upgrade began: 2026-11-30T01:00:00_a" in refusals(sim, "pve1", "mon")


def test_the_keys_of_the_version_with_new_ones_do_not_stop_it_half_way() -> None:
    sim = UpgradeSim()
    sim.checks = {f"AUTH_INSECURE_{code}": False for code in ("SERVICE_KEY_TYPE", "SERVICE_TICKETS", "KEYS_ALLOWED")}
    assert not plan(sim, "pve1", "mon").refusals
    sim.checks["OSD_FULL"] = False
    assert "OSD_FULL" in refusals(sim, "pve1", "mon") and "AUTH" not in refusals(sim, "pve1", "mon")


def test_a_muted_alarm_is_one_and_a_mute_without_alarm_is_named() -> None:
    sim = UpgradeSim()
    sim.checks = dict.fromkeys(("OSD_DOWN", "OSD_HOST_DOWN", "PG_AVAILABILITY", "RECENT_CRASH"), True)
    sim.mutes = ["OSD_DOWN", "OSD_FLAGS", "OSD_HOST_DOWN", "PG_AVAILABILITY", "RECENT_CRASH"]
    told = " ".join(look(sim)["in_the_way"])
    assert "OSD_DOWN (muted)" in told and "PG_AVAILABILITY (muted)" in told
    assert "keep quiet about OSD_DOWN, OSD_FLAGS, OSD_HOST_DOWN, PG_AVAILABILITY." in told


@pytest.mark.parametrize(
    ("target", "mons", "osds", "unknown"),
    [("quincy", ["pve3"], [], []), ("reef", ["pve3"], [7, 8], [9]), ("squid", ["pve3"], [7, 8], [9])],
)
def test_stores_that_the_release_does_not_open(
    target: str, mons: list[str], osds: list[int], unknown: list[int]
) -> None:
    """``mon metadata`` does not tell a monitor's store: its file does. What tells nothing is not BlueStore."""
    sim = UpgradeSim(("pve1", "pve2", "pve3", "pve4", "pve5"))
    sim.daemons["osd.7"].store = sim.daemons["osd.8"].store = "filestore"
    site = nodes(sim)
    site["pve3"].files["/var/lib/ceph/mon/ceph-pve3/kv_backend"] = "leveldb\n"
    sim.daemons["osd.9"].store = None
    asked = {"to": target, "interruption": False, "tolerated_health": []}
    told = [reason for node in site.values() for reason in INQUIRY.answer(node, asked)["in_the_way"]]
    assert [name for name in sim.nodes if any(f"The store of mon.{name} on" in reason for reason in told)] == mons
    assert [
        one for one in range(10) if any(f"osd.{one} on" in reason and "filestore" in reason for reason in told)
    ] == osds
    assert any("Nobody knows what osd.9" in reason for reason in told) == bool(unknown)


@pytest.mark.parametrize(
    ("version", "required", "to", "reason"),
    [
        ("17.2.7 (a) quincy", "pacific", "squid", "From pacific there is no way to squid in one step"),
        ("16.2.15 (a) pacific", "pacific", "reef", "Upgrade to quincy first"),
        ("19.2.3 (a) squid", "squid", "reef", "no release goes back to reef"),
        ("14.2.1 (a) nautilus", "nautilus", "reef", "from which no way to reef is known"),
    ],
)
def test_steps_that_no_release_makes(version: str, required: str, to: str, reason: str) -> None:
    sim = UpgradeSim()
    sim.required = required
    for one in sim.daemons.values():
        one.version = f"ceph version {version} (stable)"
    assert reason in " ".join(look(sim, to)["in_the_way"])


def test_what_else_is_in_the_way_before_any_package() -> None:
    sim = UpgradeSim(("pve1", "pve2"), max_mds=1)
    sim.flags, sim.min_size = "sortbitwise,norebalance", 3
    told = " ".join(look(sim)["in_the_way"])
    for reason in ("norebalance", "needs 3 of its 3 copies", "There are 2 monitors"):
        assert reason in told
    assert "2 monitors" not in " ".join(look(sim, interruption=True)["in_the_way"])


def test_tentacle_needs_its_own_debian_and_lacks_modules() -> None:
    sim = UpgradeSim()
    sim.modules.append("restful")
    told = " ".join(look(sim, "tentacle")["in_the_way"])
    assert "Proxmox VE there has no Ceph tentacle" in told and "restful" in told


@pytest.mark.parametrize(
    ("new", "running", "reason"),
    [
        ("20.2.3 (ab) tentacle", "19.2.6 (ab) squid", "does not know the keys"),
        ("18.2.6 (ab) reef", "17.2.7 (ab) quincy", "BlueFS"),
        ("20.2.4 (ab) tentacle", "19.2.6 (ab) squid", ""),
    ],
)
def test_versions_that_must_not_be_started(new: str, running: str, reason: str) -> None:
    sim = UpgradeSim()
    version = f"ceph version {new} (stable)"
    sim.installed = dict.fromkeys(sim.nodes, version)
    for one in sim.daemons.values():
        one.version = f"ceph version {running} (stable)"
    found = refusals(sim, "pve1", "mon", version=version)
    assert reason in found and bool(reason) == bool(found)


def test_a_node_that_was_not_asked_would_stay_behind() -> None:
    sim = UpgradeSim()
    asked = {"to": "squid", "interruption": False, "tolerated_health": []}
    told = ceph_upgrade_order([{**INQUIRY.answer(UpgradeNode(sim, "pve1"), asked), "host": "pve1"}])
    assert [reason.split()[0] for reason in told["in_the_way"]] == ["pve2", "pve3"]


def test_nothing_is_known_of_a_cluster_that_does_not_answer() -> None:
    node = CephFake("pve1").initialized("pve1", "pve2")
    node.commands["ask_ceph", "versions"] = Completed(1, "", "RADOS timed out\n")
    assert "timed out" in str(make_plan(SUBJECT, options(), node).refusals[0])
    asked = {"to": "squid", "interruption": False, "tolerated_health": []}
    assert "timed out" in INQUIRY.answer(node, asked)["in_the_way"][-1]


def test_a_node_without_ceph_has_nothing_to_do() -> None:
    node = CephFake("pve1", None)
    assert make_plan(SUBJECT, options(), node) == Plan()
    asked = {"to": "", "interruption": False, "tolerated_health": []}
    assert INQUIRY.answer(node, asked)["in_the_way"] == [] and ceph_upgrade_order([])["stages"] == []


def test_words_that_are_no_version() -> None:
    with pytest.raises(Invalid, match="is no version of Ceph"):
        plan(UpgradeSim(), "pve1", "mon", version="squid")
