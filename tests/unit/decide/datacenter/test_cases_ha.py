"""Cases as users have reported them elsewhere: what the cluster held, what was declared, and what is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.decide.datacenter.ha import until_migrated
from ansible_collections.baremetal.virt.plugins.module_utils.engine.condition import Condition
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.section_config import parse_sections
from ansible_collections.baremetal.virt.plugins.module_utils.observe.datacenter.ha import unmigrated
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.ha import parse_nodes
from pve_standin.core import paths

from ....doubles.ha_api import HaApi, plan, run

FOLDER = Path(__file__).parents[2] / "cases" / "datacenter" / "groups-become-rules-by-name"
GUESTS = {"vm": ("qemu", "name", "scsi0"), "ct": ("lxc", "hostname", "rootfs")}


def _declared() -> dict[str, Any]:
    """The inventory of 8, as these files were made of it; the resource whose group does not exist has none."""
    groups = parse_sections((FOLDER / "groups.cfg").read_text(encoding="utf-8"))
    resources = parse_sections((FOLDER / "resources.cfg").read_text(encoding="utf-8"))
    return {
        "resources": [
            {"sid": f"{one['type']}:{name}", **({"group": one["group"]} if one.get("group") in groups else {})}
            for name, one in resources.items()
        ],
        "groups": [
            {
                "group": name,
                "nodes": {node: int(priority or 0) for node, priority in parse_nodes(one["nodes"]).items()},
                "restricted": "restricted" in one,
                "nofailback": "nofailback" in one,
                **({"comment": one["comment"]} if "comment" in one else {}),
            }
            for name, one in groups.items()
            if name != "spare"
        ],
    }


def _rules(right: dict[str, Any]) -> str:
    texts = []
    for name, rule in right["rules"].items():
        nodes = ",".join(f"{node}:{number}" if number else node for node, number in rule["nodes"].items())
        lines = [f"node-affinity: {name}", f"\tcomment {rule['comment']}", f"\tnodes {nodes}"]
        lines += [f"\tresources {','.join(rule['resources'])}", *(["\tstrict 1"] if rule["strict"] else [])]
        texts.append("\n".join(lines) + "\n")
    return "\n".join(texts)


def _cluster(ha: HaApi) -> HaApi:
    for kind, number in (("vm", 100), ("vm", 101), ("ct", 200), ("vm", 300), ("vm", 400)):
        type_, name, slot = GUESTS[kind]
        ha.machines[number] = (type_, "pve3", {name: f"g{number}", slot: f"rbd:vm-{number}-disk-0"})
    return ha


def test_a_second_run_on_9_writes_nothing(ha: HaApi) -> None:
    right = yaml.safe_load((FOLDER / "right.yml").read_text(encoding="utf-8"))
    _cluster(ha)
    texts = [f"{sid.replace(':', ': ')}\n\tstate started\n" for sid in ("vm:100", "vm:101", "vm:300", "vm:400")]
    texts.append("ct: 200\n\tfailback 0\n\tstate started\n")
    (paths.PVE / "ha/resources.cfg").write_text("\n".join(texts), encoding="utf-8")
    (paths.PVE / "ha/rules.cfg").write_text(_rules(right), encoding="utf-8")
    assert right["second_run_on_9"] == "no writes"
    found = plan(ha, **_declared())
    assert found.steps == found.refusals == ()


def test_the_groups_of_8_are_what_9_will_make_of_them(ha_on: Callable[[int], HaApi]) -> None:
    right = yaml.safe_load((FOLDER / "right.yml").read_text(encoding="utf-8"))
    ha = _cluster(ha_on(8))
    for name in ("groups.cfg", "resources.cfg"):
        (paths.PVE / "ha" / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    found = plan(ha, **_declared())
    assert found.steps == found.refusals == (), [step.why for step in found.steps]
    assert set(right["lost_groups"]) == {"spare"}


class _Upgraded(HaApi):
    """Proxmox VE 9 with the groups of 8; the manager turns them into rules when it is looked at the third time."""

    looks = 0

    def look(self, question: Question) -> Any:
        path = question.argument[0]
        if path == "/cluster/ha/groups" and self.looks < 3:
            return [{"group": "web", "nodes": "pve1:2,pve2:1", "restricted": 1}, {"group": "spare", "nodes": "pve4"}]
        if path == "/cluster/ha/resources":
            self.looks += 1
            row = {"sid": "vm:100", "state": "started"}
            return [{**row, "group": "web"}] if self.looks < 3 else [{**row, "failback": 1}]
        if path == "/cluster/ha/rules":
            rule = {"rule": "ha-group-web", "type": "node-affinity", "resources": "vm:100", "nodes": "pve1:2,pve2:1"}
            return [{**rule, "strict": 1}] if self.looks >= 3 else []
        return super().look(question)


def test_the_migration_is_watched_to_its_end(ha: HaApi) -> None:
    ha.__class__ = _Upgraded
    wish = {
        "resources": [{"sid": "vm:100", "group": "web"}],
        "groups": [{"group": "web", "nodes": {"pve1": 2, "pve2": 1}, "restricted": True}],
    }
    before = plan(ha, **wish)
    assert before.steps == before.refusals == ()
    assert any("spare, web have not become rules yet" in one for one in before.warnings)
    (step,) = until_migrated(unmigrated(ha))
    assert isinstance(step.action, Wait)
    (condition,) = step.action.until
    assert isinstance(condition, Condition)
    assert not run(ha, **wish)["changed"]
    assert condition.holds(ha)
    assert until_migrated(unmigrated(ha)) == ()
