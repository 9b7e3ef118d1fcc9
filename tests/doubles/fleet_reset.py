"""A class whose machines have snapshots: what is written after one is lost when they go back to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.guest_reset import SUBJECT

from .fleet_cluster import FLEET, FleetCluster, Machine, made, make, params

RESET = replace(SUBJECT, settle=0)


class ResetCluster(FleetCluster):
    """``rolled``: numbers of machines that went back, in this order. ``stuck``: their rollbacks fail."""

    def __init__(self) -> None:
        super().__init__()
        self.rolled: list[int] = []
        self.stuck: set[int] = set()
        made(self, FLEET)
        for machine in self.machines.values():
            self.take(machine, "clean")

    def take(self, machine: Machine, name: str) -> None:
        kept = {key: value for key, value in machine.config.items() if key != "description"}
        machine.snapshots[name] = {**kept, "snaptime": str(self.now)}
        machine.config["parent"] = name

    def _of_node(self, node: str, parts: list[str], words: dict[str, str]) -> Any:
        if parts[2:] != ["snapshot"]:
            return super()._of_node(node, parts, words)
        config = self.machines[int(parts[1])]
        rows = [
            {"name": name, "snaptime": int(kept["snaptime"]), "parent": kept.get("parent", "")}
            for name, kept in config.snapshots.items()
        ]
        return [*rows, {"name": "current", "parent": config.config.get("parent", "")}]

    def _change_guest(self, machine: Machine, node: str, method: str, what: str, given: dict[str, Any]) -> None:
        if not what.endswith("/rollback"):
            super()._change_guest(machine, node, method, what, given)
            return
        assert (machine.node, method) == (node, "POST")
        if machine.vmid in self.stuck:
            raise StepFailed("the storage is away")
        then = {key: value for key, value in machine.snapshots[what.split("/")[2]].items() if key != "snaptime"}
        machine.config = {**then, "description": machine.config["description"], "parent": what.split("/")[2]}
        machine.running = bool(given.get("start"))
        self.rolled.append(machine.vmid)


class AnewCluster(ResetCluster):
    """Machines may be destroyed that no backup holds. The template of the class is there."""

    def __init__(self) -> None:
        super().__init__()
        config = {"name": "course-os", "template": "1", "scsi0": "vms:base-900-disk-0,size=8G"}
        self.machines[900] = Machine(900, "pve1", "qemu", config, running=False)

    def _destroy(self, machine: Machine, given: dict[str, Any]) -> None:
        assert given == {"purge": 1, "destroy-unreferenced-disks": 0}, given
        assert not machine.running, f"{machine.vmid} is running"
        self.destroyed.append(machine.vmid)
        del self.machines[machine.vmid]


def make_anew(cluster: FleetCluster, **said: Any) -> dict[str, Any]:
    """As the playbook does it: they are destroyed, and what is gone is made by the role of guests."""
    done = reset(cluster, snapshot=None, anew=True, **said)
    again = reset(cluster, snapshot=None, anew=True, **said)
    for wish in again["vms"]:
        make(cluster, wish, "qemu")
    return done


def reset(cluster: FleetCluster, **said: Any) -> dict[str, Any]:
    """One run."""
    given = params(RESET.argument_spec, **{"fleets": [FLEET], "snapshot": "clean", "run": "first", **said})
    return converge(RESET, given, cluster, False, cluster.act)


def reset_plan(cluster: FleetCluster, **said: Any) -> Plan:
    given = params(RESET.argument_spec, **{"fleets": [FLEET], "snapshot": "clean", "run": "first", **said})
    return make_plan(RESET, given, cluster)
