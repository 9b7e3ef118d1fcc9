"""Machines are destroyed and made anew, under the same numbers; and only those that would be made again."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid

from ....doubles.fleet_cluster import FLEET, Killed, Machine, made, released
from ....doubles.fleet_reset import AnewCluster, make_anew, reset, reset_plan


@pytest.fixture
def cluster() -> AnewCluster:
    return AnewCluster()


def test_they_are_made_anew_once_under_the_same_numbers(cluster: AnewCluster) -> None:
    cluster.ha = {"vm:1201"}
    cluster.machines[1202].running = False
    done = make_anew(cluster, fleet="os")
    assert done["plan"] == [
        "switch VM 1200 stu01-vm off",
        "destroy VM 1200 stu01-vm, to be made anew: what is on it is lost (scsi0, snapshot clean)",
        "take VM 1201 stu02-vm from the HA manager",
        "switch VM 1201 stu02-vm off",
        "destroy VM 1201 stu02-vm, to be made anew: what is on it is lost (scsi0, snapshot clean)",
        "destroy VM 1202 stu03-vm, to be made anew: what is on it is lost (scsi0, snapshot clean)",
    ]
    assert done["destructive"] == ["guest.destroy:1200", "guest.destroy:1201", "guest.destroy:1202"]
    assert done["plan_warnings"] == [
        "VM 1201 stu02-vm is taken from the HA manager; it comes back to it only if the fleet declares that."
    ]
    assert cluster.destroyed == [1200, 1201, 1202] and not cluster.machines[1200].snapshots
    assert cluster.machines[1200].config["description"].endswith("reset=@first")
    again = reset(cluster, snapshot=None, anew=True, fleet="os")
    assert not again["changed"] and {row["state"] for row in again["guests"]} == {"done"}
    made(cluster, FLEET)
    assert not reset(cluster, snapshot=None, anew=True, fleet="os")["changed"], "the note stays"
    assert reset(cluster, snapshot=None, anew=True, fleet="os", run="second")["changed"]


def test_only_those_that_are_named(cluster: AnewCluster) -> None:
    make_anew(cluster, owners=["stu02@pve"])
    make_anew(cluster, fleet="os", guests=[1202])
    assert cluster.destroyed == [1201, 1202]
    assert sorted(cluster.machines) == [900, 1200, 1201, 1202]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("not listed", "VM 1201 stu02-vm would not be made again."),
        ("no template", "The template that VM 1201 stu02-vm is to be a clone of is not there."),
        ("protected", "VM 1201 stu02-vm is protected."),
        ("locked", "VM 1201 stu02-vm is locked (backup)."),
        ("replicated", "VM 1201 stu02-vm is replicated to another node."),
        ("used", "VM 500 mail, running, uses a volume of VM 1201 stu02-vm: scsi3 is vms:vm-1201-disk-0."),
        ("away", "Nobody can tell which volumes these use: VM 1201 on pve2."),
        ("too many", "3 guests would be destroyed in this run, and at_most says 2."),
        ("beyond the quota", "Fleet os: the machines of stu01@pve take 2 cores, and may take 1 cores."),
    ],
)
def test_what_stands_against_it_stands_against_all(cluster: AnewCluster, change: str, told: str) -> None:
    machine, fleet, at_most = cluster.machines[1201], dict(FLEET), 50
    if change == "not listed":
        fleet["owners"] = ["stu01", "stu03"]
    elif change == "no template":
        del cluster.machines[900]
    elif change == "protected":
        machine.config["protection"] = "1"
    elif change == "locked":
        machine.config["lock"] = "backup"
    elif change == "replicated":
        cluster.jobs = [{"id": "1201-0", "guest": 1201}]
    elif change == "used":
        cluster.machines[500] = Machine(500, "pve1", "qemu", {"name": "mail", "scsi3": "vms:vm-1201-disk-0,size=8G"})
    elif change == "away":
        cluster.nodes["pve2"] = False
    elif change == "too many":
        at_most = 2
    else:
        fleet["quota"] = {"cores": 1}
    confirm = 2 if change == "not listed" else None
    assert confirm is None or made(cluster, fleet, confirm=confirm)
    said = {"fleets": [fleet], "at_most": at_most, "confirm_owners": confirm}
    plan = reset_plan(cluster, fleet="os", snapshot=None, anew=True, **said)
    assert told in " ".join(map(str, plan.refusals))


def test_one_that_is_given_back_is_left(cluster: AnewCluster) -> None:
    released(cluster, FLEET, owners=["stu02@pve"])
    plan = reset_plan(cluster, owners=["stu02@pve"], snapshot=None, anew=True)
    assert not plan.steps and plan.warnings[0].startswith("VM 1201 stu02-vm is given back")


def test_it_is_said_what_is_to_be_done(cluster: AnewCluster) -> None:
    for said in ({"snapshot": "clean", "anew": True}, {"snapshot": None}):
        with pytest.raises(Invalid, match="go back to a snapshot, or are made anew"):
            reset_plan(cluster, fleet="os", **said)


def test_cut_off_after_every_call_the_same_command_comes_to_the_same_end() -> None:
    whole = AnewCluster()
    make_anew(whole, fleet="os")
    end = {vmid: one.config for vmid, one in whole.machines.items()}
    for after in range(len(whole.changes)):
        cluster = AnewCluster()
        cluster.budget = after
        with pytest.raises(Killed):
            make_anew(cluster, fleet="os")
        cluster.budget = None
        make_anew(cluster, fleet="os")
        assert {vmid: one.config for vmid, one in cluster.machines.items()} == end
        assert cluster.destroyed == [1200, 1201, 1202], "nobody twice"
