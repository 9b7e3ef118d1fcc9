"""Whatever happens in whatever order, nothing is destroyed that is not kept: the cluster itself objects."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ....doubles.fleet_cluster import DAY, FLEET, FleetCluster, cut_off, made, planned, release_plan

VMIDS = (1200, 1201, 1202)
CUT = st.one_of(st.just(1000), st.just(1000), st.integers(0, 12))
RUNS = ("fleet", "fleet", "fleet", "expired", "stu02@pve", "revoke", "make")
DISTURBANCES = st.one_of(
    st.tuples(st.sampled_from(("start", "stop", "disk", "move")), st.sampled_from(VMIDS)),
    st.tuples(st.sampled_from(("lie", "lie", "node", "lose")), st.integers(0, 3)),
    st.tuples(st.sampled_from(("left out", "rename")), st.sampled_from(VMIDS[:1])),
)
#: What happens before a run, which run it is and after how many changes it is cut off, and how many days pass then.
ROUNDS = st.tuples(
    st.lists(DISTURBANCES, max_size=2), st.tuples(st.sampled_from(RUNS), CUT), st.sampled_from((0, 1, 14, 14, 60))
)
LIES = ("without a disk", "empty", "nowhere", "errors")
SAID: dict[str, dict[str, Any]] = {
    "fleet": {"fleet": "os"},
    "expired": {"expired": True},
    "stu02@pve": {"owners": ["stu02@pve"]},
    "revoke": {"fleet": "os", "revoke": True},
}


def happens(cluster: FleetCluster, what: str, which: int) -> None:
    machine = cluster.machines.get(which)
    if what in SAID:
        cut_off(cluster, which, FLEET, **SAID[what])
    elif what == "make":
        if not planned_refusals(cluster):
            made(cluster, FLEET)
    elif what == "lie":
        cluster.lies.append(LIES[which])
    elif what == "node":
        cluster.nodes["pve1" if which % 2 else "pve2"] ^= True
    elif what == "lose":
        cluster.archives["backups"] = cluster.archives["backups"][which:]
    elif machine is not None and what == "start":
        cluster.start(which)
    elif machine is not None:
        change(cluster, what, which)


def planned_refusals(cluster: FleetCluster) -> bool:
    return not all(cluster.nodes.values()) or bool(planned(cluster, FLEET).refusals)


def change(cluster: FleetCluster, what: str, vmid: int) -> None:
    machine = cluster.machines[vmid]
    if what == "stop":
        machine.running = False
    elif what == "disk":
        machine.config["scsi1"] = f"vms:vm-{vmid}-disk-{len(machine.config)},size=1G"
    elif what == "left out":
        machine.config["scsi2"] = f"vms:vm-{vmid}-disk-9,backup=0,size=1G"
    elif what == "rename":
        machine.config["name"] = "mailserver"
    else:
        machine.node = "pve2" if machine.node == "pve1" else "pve1"


@settings(max_examples=150, deadline=None)
@given(st.lists(ROUNDS, min_size=3, max_size=6))
def test_nothing_is_destroyed_that_is_not_kept(rounds: list[Any]) -> None:
    cluster = FleetCluster()
    made(cluster, FLEET)
    for disturbances, run, days in rounds:
        for what, which in disturbances:
            happens(cluster, what, which)
        before = set(cluster.machines)
        stopped = {vmid for vmid, one in cluster.machines.items() if not one.running}
        happens(cluster, *run)
        gone = before - set(cluster.machines)
        assert gone <= set(cluster.destroyed), "a guest went that nobody destroyed"
        assert gone <= stopped, "stopped and destroyed in one run"
        assert all(one.pool in cluster.pools for one in cluster.machines.values()), "its pool is gone"
        cluster.now += days * DAY


@settings(max_examples=30, deadline=None)
@given(st.permutations(["stu01", "stu02", "stu03", "stu04", "stu05"]))
def test_a_shuffled_list_changes_nothing(owners: list[str]) -> None:
    cluster = FleetCluster()
    first = made(cluster, {**FLEET, "owners": sorted(owners)})
    assert planned(cluster, {**FLEET, "owners": owners}) == first
    assert planned(FleetCluster(), {**FLEET, "owners": owners}) == first


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, 20), min_size=18))
def test_whoever_leaves_moves_nobody(stay: set[int]) -> None:
    cluster = FleetCluster()
    everybody = {number: f"stu{number:02}" for number in range(1, 21)}
    before = {wish["name"]: wish for wish in made(cluster, {**FLEET, "owners": list(everybody.values())}).vms}
    after = planned(cluster, {**FLEET, "owners": [everybody[number] for number in stay] + ["new"]})
    assert not after.refusals
    assert {
        name: wish for name, wish in ((one["name"], one) for one in after.vms) if name in before
    }.items() <= before.items()
    (new,) = [wish for wish in after.vms if wish["name"] == "new-vm"]
    assert new["vmid"] == 1220 and new["cloud_init"]["addresses"][0]["ip"] == "10.20.0.30/24"


def test_a_plan_is_made_without_a_change() -> None:
    cluster = FleetCluster()
    made(cluster, FLEET)
    assert release_plan(cluster, FLEET, fleet="os").steps
    assert not cluster.changes
