"""A whole cluster goes from 8 to 9, and a run that is killed after any step is finished by the next one."""

from __future__ import annotations

from itertools import islice

from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.release_ha import (
    GROUPS_FILE,
    KEPT,
    RULES_FILE,
)

from ....doubles.release_site import ReleaseSite

GROUPS = "group: web\n\tnodes pve1:2,pve2\n\trestricted 1\n\ngroup: spare\n\tnodes pve3\n"
RESOURCES = "vm: 100\n\tgroup web\n\tstate started\n"


def fresh() -> ReleaseSite:
    return ReleaseSite(GROUPS, RESOURCES)


def assert_new(site: ReleaseSite) -> None:
    for one in site.nodes.values():
        assert (one.codename, one.booted, one.marked) == ("trixie", True, False)
        paths = [path for path in one.node.files if path.startswith("/etc/apt/sources.list")]
        used = [entry for path in paths for entry in parse(path, one.node.files[path]).sources if entry.enabled]
        assert {suite.partition("-")[0] for entry in used for suite in entry.suites} == {"trixie"}
        assert not any("pve-enterprise" in entry.components for entry in used), "no subscription was declared"
    assert GROUPS_FILE not in site.cluster.files and KEPT not in site.cluster.files
    assert "ha-group-web" in site.cluster.files[RULES_FILE]


def test_a_cluster_becomes_new_node_by_node() -> None:
    site = fresh()
    done = list(site.run())
    assert [step for step in done if step.endswith(": released")] == [f"pve{n}: released" for n in (2, 3, 1)]
    assert_new(site)
    assert list(site.run()) == []


def test_a_run_that_is_killed_after_any_step_is_finished_by_the_next() -> None:
    total = len(list(fresh().run()))
    for cut in range(1, total):
        site = fresh()
        assert len(list(islice(site.run(), cut))) == cut
        again = list(site.run())
        assert_new(site)
        assert len(again) < total
        assert list(site.run()) == []
