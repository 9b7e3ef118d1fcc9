"""What the kills name has to be there: a step that no playbook has would never be cut short."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kill_joins
import kill_network
import kill_osds
import kill_removals
import kill_rounds
import pytest
import step_watch
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.network import guarded_change
from ansible_collections.baremetal.virt.plugins.plugin_utils import node_program
from kill_removals import Done

ROOT = kill_rounds.ROOT


def tasks(path: Path) -> Iterator[str]:
    """The names of all tasks of a playbook, those in blocks too."""

    def names(task: dict[str, Any]) -> Iterator[str]:
        yield task.get("name", "")
        for part in ("tasks", "block", "rescue", "always"):
            for inner in task.get(part, ()):
                yield from names(inner)

    for play in yaml.safe_load(path.read_text()):
        yield from names(play)


@pytest.mark.parametrize("name", [name for name in kill_osds.WAYS if name != "fail"])
def test_every_step_in_which_a_playbook_of_osds_is_killed_is_one_of_its_tasks(name: str) -> None:
    way = kill_osds.WAYS[name]
    assert set(way.steps) <= set(tasks(ROOT / way.playbook))


def test_the_playbooks_that_are_cut_short_exist() -> None:
    removals = {f"playbooks/{mode.playbook}.yml" for mode in kill_removals.MODES.values()}
    assert [path for path in removals if not (ROOT / path).is_file()] == []
    assert kill_joins.PLAYBOOK.is_file() and kill_osds.SECOND_OSD.is_file()


def test_a_plan_is_found_in_what_a_run_in_check_mode_printed() -> None:
    output = "ok: [pve1] => \n    node_plan.plan:\n    - migrate VM 102 to pve2\n    - 'delete: pve3'\n\nTASK [next]\n"
    assert kill_removals.planned(output) == ["migrate VM 102 to pve2", "delete: pve3"]
    assert kill_removals.planned("TASK [Show the plan]\n") == []


def test_the_playbook_shows_the_plan_under_the_name_that_is_looked_for() -> None:
    shared = yaml.safe_load((ROOT / "playbooks/shared/node_membership.yml").read_text())
    assert {"var": "node_plan.plan"} in [task.get("ansible.builtin.debug") for task in shared]


def test_steps_of_one_kind_lead_to_one_state_and_a_wait_to_none() -> None:
    steps = [Done("file.remove:/a", "Remove", ""), Done("file.remove:/b", "Remove", ""), Done("node.gone", "Wait", "")]
    assert [kill_removals.ends_state(number, steps) for number in (1, 2, 3)] == [False, True, False]


def test_the_nodes_have_the_interpreter_that_is_named() -> None:
    inventory = configparser.ConfigParser()
    inventory.read(kill_removals.WATCHED[1])
    assert inventory["proxmox:vars"]["ansible_python_interpreter"] == kill_removals.INTERPRETER


def test_the_engine_is_known_by_its_name_on_a_node() -> None:
    """What is sent is named there as it is imported."""
    engine = ROOT / "plugins/module_utils/engine/subject.py"
    named = ".".join(engine.relative_to(ROOT).with_suffix("").parts)
    assert engine.is_file() and named.endswith(step_watch.ENGINE)
    assert "def _act(" in engine.read_text()


@pytest.mark.parametrize(
    ("arguments", "watched"),
    [
        (["-I", *node_program.COMMAND], True),
        (["-I", "-S", *node_program.COMMAND], True),
        (["-"], True),
        ([], True),
        (["-c", "print()"], False),
        (["-c"], False),
        (["/usr/bin/program"], False),
    ],
)
def test_what_comes_on_the_standard_input_is_watched(arguments: list[str], watched: bool) -> None:
    """As the collection sends it, and as Ansible does; a program that a step starts is none of that."""
    assert step_watch.reads(arguments) is watched


def test_a_change_of_the_network_is_kept_where_the_collection_keeps_it() -> None:
    kept = (guarded_change.KEPT, guarded_change.KEPT_IN_MEMORY, guarded_change.UNITS)
    assert kept == (kill_network.DISK, kill_network.RUN, kill_network.UNITS)


def test_no_change_of_the_network_is_the_old_file_again() -> None:
    texts = {kill_network.OLD, kill_network.BRIDGE, kill_network.GOOD}
    assert len(texts) == 3 and "bridge-ports eno1" in kill_network.GOOD
