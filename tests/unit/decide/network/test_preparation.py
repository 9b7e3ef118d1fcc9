"""preparation: after each of its steps the network is what it was."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.preparation import prepare
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.conversion import differences
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, Program
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

FOLDERS = "source-directory-three-readers"
BRIDGE = {"name": "vmbr0", "type": "bridge", "ports": ["eno1"]}
LINKS = Kernel({"eno1": Link("eno1", carrier=True)})


def steps(program: Program | None, files: dict[str, str], mtu: int | None = None) -> tuple[Step, ...]:
    observed = ObservedNetwork(program, files, kernel=LINKS)
    desired = desired_from({"interfaces": [{**BRIDGE, "mtu": mtu}], "allow_dhcp": False, "timeout": 60})
    return prepare(observed, target(desired, observed))


def test_the_files_come_before_the_package() -> None:
    files = cases.files(FOLDERS)
    found = steps("ifupdown", files)
    assert [step.id for step in found] == [f"file.write:{MAIN}", "package.install:ifupdown2"]
    write, package = (step.action for step in found)
    assert isinstance(write, WriteFile) and isinstance(package, Run)
    assert ("IFUPDOWN2_NO_IFRELOAD", "1") in package.env
    new = {**files, MAIN: write.content}
    assert differences(files, new, "ifupdown", "ifupdown") == [], "a boot before the package is there"
    assert differences(files, new, "ifupdown", "ifupdown2-3.0") == [], "a boot after it"


@pytest.mark.parametrize("program", ["ifupdown2", "ifupdown2-3.0"])
def test_nothing_where_it_is_there_already(program: Program) -> None:
    assert steps(program, cases.files(FOLDERS)) == ()


def test_a_node_that_has_neither_gets_only_the_package() -> None:
    assert [step.id for step in steps(None, {})] == ["package.install:ifupdown2"]


def test_nothing_where_nothing_changes() -> None:
    text = "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1\n"
    assert steps("ifupdown", {MAIN: text}) == ()
    assert steps("ifupdown", {MAIN: text}, mtu=1400) != ()


def test_somebody_has_removed_the_program_that_reads_what_is_declared() -> None:
    text = "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1\n"
    assert [step.id for step in steps(None, {MAIN: text})] == ["package.install:ifupdown2"]
