"""The packages of a node are brought up to date, also where an earlier run was ended in the middle."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.upgrade import packages as subject
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.work import (
    ENDED,
    FAILED,
    KILLED,
    LOG,
    UNIT,
    DesiredPackages,
    ObservedPackages,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.upgrade import SIMULATE
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.services import ASK
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import packages
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade.work import last_words
from ansible_collections.baremetal.virt.plugins.modules.upgrade_packages import SUBJECT
from ansible_collections.baremetal.virt.tests.doubles import upgrade_cases as cases
from ansible_collections.baremetal.virt.tests.doubles.support import (
    FakeNode,
    assert_converges_from_every_kill,
    printed,
)
from ansible_collections.baremetal.virt.tests.doubles.upgrade_node import member

HALF = "prompt-again-at-resume"


class Node(FakeNode):
    """apt and dpkg, on which an upgrade works. ``half``: dpkg was ended in the middle."""

    def __init__(self, half: bool = False, pending: bool = True) -> None:
        start = member()
        super().__init__(start.files, start.directories, start.commands)
        self.ages = start.ages
        self.half, self.pending, self.busy = half, pending, False
        self.services = {"pve-cluster": "active", "pveproxy": "active"}
        half_way = cases.text(HALF, "dpkg-query.out")
        self.commands[SIMULATE] = lambda node: self._simulate()
        self.commands[packages.STATES] = lambda node: printed(half_way if self.half else "ii |a\n")
        self.commands["systemctl", "is-active", UNIT] = lambda node: printed("active\n" if self.busy else "inactive\n")
        self.commands[ASK] = lambda node: printed("\n".join(self._states()))
        self.effects = {("sh", "-c"): lambda node: self._upgrade(), ("apt-get",): lambda node: None}

    def _states(self) -> list[str]:
        return [f"Id={one}.service\nLoadState=loaded\nActiveState={state}\n" for one, state in self.services.items()]

    def _simulate(self) -> Completed:
        if self.half:
            return Completed(100, "", "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'\n")
        return printed(cases.SIMULATED if self.pending else "")

    def _upgrade(self) -> None:
        self.half = self.pending = False
        self.files[LOG] = "Setting up pve-manager\nexit code 0\n"


def params(state: str = "upgraded", *removals: str) -> dict[str, Any]:
    return {"state": state, "removals": list(removals), "elsewhere": {}, "done": []}


def plan(node: FakeNode, *given: str) -> Plan:
    return make_plan(SUBJECT, params(*given), node)


def ids(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def command(step: Step) -> str:
    assert isinstance(step.action, Run)
    return " ".join(step.action.argv)


def test_an_upgrade() -> None:
    made = plan(Node())
    assert ids(made) == ["package.upgrade:all", "package.wait:all"]
    assert "upgrade 3 packages" in made.sentences[0]
    assert made.tells == {"updated": 3}
    words = command(made.steps[0])
    for expected in (f"--unit={UNIT}", "--no-remove dist-upgrade", "--force-confold", "--setenv=NEEDRESTART_SUSPEND=1"):
        assert expected in words
    assert "dpkg --force" not in words


def test_what_was_left_half_way_is_configured_with_the_same_answers() -> None:
    """What is said to apt does not reach a later dpkg, and neither does what is said to debconf."""
    made = plan(Node(half=True))
    wanted = cases.right(HALF)["next_step"].replace("-a", "--pending")
    assert f"{wanted} && apt-get" in command(made.steps[0])
    assert "configure what was left half way (pve-lab-conf)" in made.sentences[0]
    assert made.refusals == ()


@pytest.mark.parametrize("half", [False, True])
def test_killed_after_every_step(half: bool) -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(), lambda: Node(half=half)) == 3


def test_one_that_is_still_at_work_is_waited_for() -> None:
    node = Node()
    node.busy = True
    node.commands["old_binaries",] = Completed(1, "", "/etc/pve is away while pmxcfs is upgraded")
    assert ids(plan(node)) == ["package.wait:all"]


def test_one_that_failed_in_this_run_is_not_begun_again() -> None:
    made = make_plan(SUBJECT, {**params(), "done": ["package.upgrade:all"]}, Node(half=True))
    assert ids(made) == ["package.wait:all"]


def test_a_mirror_in_the_middle_of_its_own_update() -> None:
    other = {"pve2": {"pve-manager": "9.0.10", "ceph-osd": "19.2.3"}, "pve3": {"pve-manager": "9.0.11"}}
    (refusal,) = make_plan(SUBJECT, {**params(), "elsewhere": other}, Node()).refusals
    assert "pve-manager would be 9.0.11 here, and 9.0.10 on pve2" in str(refusal)


def test_what_is_in_the_way_of_the_node_is_in_the_way_of_its_packages() -> None:
    node = Node()
    node.commands["systemctl", "is-enabled", "networking.service"] = printed("disabled\n")
    assert "networking.service is off" in str(plan(node).refusals[0])


def test_nothing_to_do() -> None:
    assert plan(Node(pending=False)).steps == ()
    assert ids(plan(Node(pending=False), "downloaded")) == []


def test_download_first() -> None:
    (step,) = plan(Node(), "downloaded").steps
    assert command(step).endswith("--yes --download-only dist-upgrade")


def test_lists_are_fetched_whatever_the_node_is_like() -> None:
    (step,) = plan(FakeNode(), "fetched").steps
    assert (step.id, step.unseen) == ("index.fetch:all", True)


def test_services_have_to_be_back() -> None:
    node = Node(pending=False)
    node.services["pveproxy"] = "failed"
    assert ids(plan(node)) == ["service.wait:pveproxy"]


def test_removals_are_refused_unless_they_were_named() -> None:
    found = ObservedPackages(cases.node("Remv tree [2.1]\nInst vim [9.0] (9.1 Debian:13/stable [amd64])\n"))
    refused = subject.decide(DesiredPackages("upgraded"), found)
    assert "apt would remove tree." in str(refused.refusals[0])
    allowed = subject.decide(DesiredPackages("upgraded", frozenset({"tree"})), found)
    assert allowed.refusals == ()
    assert "--no-remove" not in command(allowed.steps[0])


@pytest.mark.parametrize(
    ("commands", "last", "told"),
    [
        ([("true",), ("echo", "two words")], "exit code 0", "two words"),
        ([("sh", "-c", "echo no space >&2; exit 3"), ("echo", "late")], "exit code 3", "no space"),
    ],
)
def test_what_the_unit_really_writes(commands: list[tuple[str, ...]], last: str, told: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    subprocess.run(["sh", "-c", subject.work(commands).replace(LOG, str(log))], check=True)
    text = log.read_text()
    assert text.splitlines()[-1] == last
    assert told in text and "late" not in text
    node = FakeNode({LOG: text})
    assert last_words(node) == {"said": last}
    assert (ENDED.holds(node), FAILED.holds(node)) == (last.endswith(" 0"), not last.endswith(" 0"))


def test_one_that_was_killed_is_no_success() -> None:
    node = FakeNode({LOG: "Unpacking pve-manager\n"}, commands={KILLED.question.argument: Completed(0, "", "")})
    assert (ENDED.holds(node), FAILED.holds(node), KILLED.holds(node)) == (False, False, True)
