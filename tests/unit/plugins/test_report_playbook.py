"""The playbook of the report plans what site.yml would do: the same roles, in the same order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"


def _plays(name: str) -> dict[str, Any]:
    return {play["name"]: play for play in yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))}


def test_the_roles_are_those_of_the_site() -> None:
    site = [role["role"] for role in _plays("site.yml")["Plan, and change nothing"]["roles"]]
    (plan,) = _plays("report.yml")["Plan what site.yml would do, and change nothing"]["tasks"]
    (included,) = [task for task in plan["block"] if "ansible.builtin.include_role" in task]
    assert [f"baremetal.virt.{name}" for name in included["loop"]] == site


def test_it_changes_nothing() -> None:
    for name, play in _plays("report.yml").items():
        modules = {key for task in play["tasks"] for key in task if "." in key}
        assert play.get("check_mode") or modules <= {"baremetal.virt.node_observation", "baremetal.virt.run_report"}, (
            name
        )
