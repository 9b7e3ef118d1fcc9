"""The playbook of the report plans what site.yml would do: the same roles, in the same order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"


def _plays(name: str) -> dict[str, Any]:
    return {play["name"]: play for play in yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))}


def _included(task: dict[str, Any]) -> list[str]:
    """The files that a task and those of its block include."""
    inner = [file for one in task.get("block", ()) for file in _included(one)]
    return [*inner, *(value for key, value in task.items() if key == "ansible.builtin.include_tasks")]


@pytest.mark.parametrize(
    ("playbook", "play"),
    [
        ("report.yml", "Plan what site.yml would do, and change nothing"),
        ("site.yml", "Plan, and change nothing"),
        ("site.yml", "Apply"),
    ],
)
def test_the_same_roles_are_planned_everywhere_and_applied(playbook: str, play: str) -> None:
    tasks = _plays(playbook)[play]["tasks"]
    assert [file for task in tasks for file in _included(task)] == ["shared/site_roles.yml"]


def test_a_run_that_knows_its_situation_does_not_read_the_roles() -> None:
    """Their argument specifications take as long to read as all the rest of Ansible's start."""
    assert not any(play.get("roles") for play in _plays("site.yml").values())
    assert "import_role" not in (PLAYBOOKS / "site.yml").read_text(encoding="utf-8")


def test_it_changes_nothing() -> None:
    for name, play in _plays("report.yml").items():
        modules = {key for task in play["tasks"] for key in task if "." in key}
        assert play.get("check_mode") or modules <= {"baremetal.virt.node_observation", "baremetal.virt.run_report"}, (
            name
        )
