"""A node that is about to get the next release: all its repositories are switched together, and nothing else is."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import Release
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill
from .repositories_cases import CASES, PVE_7, PVE_8, PVE_9, converged, node_of, params

WAYS = [(PVE_7, PVE_8), (PVE_8, PVE_9)]
TOOLS = "/etc/apt/sources.list.d/tools.list"


def suites(node: FakeNode) -> dict[str, set[str]]:
    """File → suites that apt would use."""
    paths = [path for path in node.files if path.startswith("/etc/apt/sources.list")]
    files = [parse(path, node.files[path]) for path in paths]
    return {file.path: {suite for one in file.sources if one.enabled for suite in one.suites} for file in files}


def node_with_debian(release: Release, case: str) -> FakeNode:
    name = release.codename
    text = (
        f"deb http://mirror.lab/debian {name} main contrib # ours\ndeb http://mirror.lab/debian {name}-updates main\n"
    )
    stanza = f"Types: deb\nURIs: http://mirror.lab/debian-security\nSuites: {name}-security\nComponents: main\n"
    files = {"/etc/apt/sources.list": text, "/etc/apt/sources.list.d/security.sources": stanza}
    return node_of(release, case, {**files, TOOLS: f"# keep\ndeb https://tools.example/linux/{name} {name} stable\n"})


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("old", "new"), WAYS)
def test_every_entry_of_debian_and_proxmox_names_the_new_release(old: Release, new: Release, case: str) -> None:
    wish = params(upgrade_to=new.pve, ceph_release="default")
    node = converged(node_with_debian(old, case), wish)
    found = suites(node)
    assert found.pop(TOOLS) == {old.codename}, "what is not Debian's or Proxmox' is a person's"
    assert {suite.partition("-")[0] for names in found.values() for suite in names} == {new.codename}
    assert node.files["/etc/apt/sources.list"].splitlines()[0] == (
        f"deb http://mirror.lab/debian {new.codename} main contrib # ours"
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("old", "new"), WAYS)
def test_a_run_killed_after_any_step_is_finished_by_the_next(old: Release, new: Release, case: str) -> None:
    wish = params(upgrade_to=new.pve, ceph_release="default")
    assert_converges_from_every_kill(SUBJECT, wish, lambda: node_with_debian(old, case))


@pytest.mark.parametrize(("old", "new"), WAYS)
def test_once_the_node_is_new_its_own_declaration_leaves_it_as_it_is(old: Release, new: Release) -> None:
    node = converged(node_with_debian(old, "the ISO"), params(upgrade_to=new.pve))
    node.files["/etc/os-release"] = f"ID=debian\nVERSION_CODENAME={new.codename}\n"
    assert [step.id for step in make_plan(SUBJECT, params(upgrade_to=new.pve), node).steps] == []
    assert [step.id for step in make_plan(SUBJECT, params(), node).steps] == []


def test_the_entry_that_the_new_package_brings_is_there_before_it_and_switched_off() -> None:
    node = converged(node_with_debian(PVE_8, "the ISO"), params(upgrade_to=9))
    text = node.files["/etc/apt/sources.list.d/pve-enterprise.sources"]
    assert "Enabled: no" in text and "Suites: trixie" in text


@pytest.mark.parametrize(("number", "reason"), [(7, "from Proxmox VE 8 there is no way to 7"), (6, "upgrade_to is 6")])
def test_releases_are_taken_one_after_the_other(number: int, reason: str) -> None:
    try:
        found = " ".join(map(str, make_plan(SUBJECT, params(upgrade_to=number), node_of(PVE_8, "the ISO")).refusals))
    except Invalid as error:
        found = error.message
    assert reason.lower() in found.lower()


def test_entries_of_ceph_that_nobody_declares_would_stay_behind() -> None:
    plan = make_plan(SUBJECT, params(upgrade_to=9), node_with_debian(PVE_8, "another Ceph release"))
    assert ["mixes bookworm into trixie" in refusal.reason for refusal in plan.refusals] == [True]
