"""repositories: Debian's own entries, mirrors, and when the package lists are read again."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_lists import LISTS, UPDATE_STAMP
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES, Release
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import (
    DEBIAN_KEYRING,
    ceph_path,
    proxmox_path,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.repositories import _SAYS
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

from ....doubles.fake_debian import debian_node, debian_sources
from ....doubles.support import FakeNode, printed
from .repositories_cases import PVE_8, PVE_9, params
from .repositories_cases import converged as converged_to

DEBIAN_9 = "/etc/apt/sources.list.d/debian.sources"


def converged(node: FakeNode, **changes: Any) -> FakeNode:
    return converged_to(node, params(**changes))


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.codename)
def test_debian_itself_from_a_mirror(release: Release) -> None:
    ours = "deb [signed-by=/usr/share/keyrings/ours.gpg] http://ours.example/lab/debian trixie main\n"
    files = {"/etc/apt/sources.list.d/ours.list": ours}
    node = converged(debian_node(release, files), debian_url="http://near.example/debian/")
    near = debian_sources(release, "http://near.example")
    assert {path: node.files[path] for path in near} == near
    assert node.files["/etc/apt/sources.list.d/ours.list"] == ours


def test_the_security_archive_may_be_elsewhere() -> None:
    node = converged(debian_node(PVE_9), debian_url="http://n/debian", debian_security_url="http://s/debian-security")
    text = node.files["/etc/apt/sources.list.d/debian.sources"]
    assert "URIs: http://n/debian\nSuites: trixie trixie-updates" in text
    assert "URIs: http://s/debian-security\nSuites: trixie-security" in text


def test_a_stanza_with_security_and_other_suites_is_left_alone_and_named() -> None:
    path = "/etc/apt/sources.list.d/debian.sources"
    text = "Types: deb\nURIs: http://m/debian\nSuites: trixie trixie-security\nComponents: main\n"
    node = debian_node(PVE_9, {path: text})
    assert path in make_plan(SUBJECT, params(debian_url="http://n/debian"), node).warnings[0]
    assert converged(node, debian_url="http://n/debian").files[path] == text


def test_missing_security_updates_are_named() -> None:
    text = "Types: deb\nURIs: http://m/debian\nSuites: trixie\nComponents: main\n"
    plan = make_plan(SUBJECT, params(), debian_node(PVE_9, {"/etc/apt/sources.list.d/debian.sources": text}))
    assert "no repository has trixie-security" in plan.warnings[0]


def plain(release: Release, text: str) -> FakeNode:
    """A node whose Debian entries are these."""
    return debian_node(release, {next(iter(debian_sources(release))): text})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "deb http://m/debian bookworm main contrib\n# deb http://m/debian bookworm-security main contrib\n",
            "deb http://n/debian bookworm main contrib\ndeb http://n/debian-security bookworm-security main contrib\n",
        ),
        (
            "deb http://m/debian bookworm main contrib\n",
            "deb http://n/debian bookworm main contrib\ndeb http://n/debian-security bookworm-security main contrib\n",
        ),
        (
            "deb http://m/debian bookworm main\ndeb http://far/debian bookworm main\n"
            "deb-src http://m/debian bookworm main\n"
            "deb http://m/debian-security bookworm-security main\n",
            "# deb http://n/debian bookworm main\ndeb http://n/debian bookworm main\n"
            "deb-src http://n/debian bookworm main\n"
            "deb http://n/debian-security bookworm-security main\n",
        ),
        (
            "",
            f"deb [signed-by={DEBIAN_KEYRING}] http://n/debian-security bookworm-security main\n",
        ),
    ],
    ids=["commented out, as in a well-known walkthrough", "missing", "one mirror twice", "no entry at all"],
)
def test_with_a_mirror_the_security_suite_is_kept_always(text: str, wanted: str) -> None:
    node = converged(plain(PVE_8, text), debian_url="http://n/debian")
    assert node.files["/etc/apt/sources.list"] == wanted


def test_security_is_added_in_the_format_of_the_release() -> None:
    text = "Types: deb\nURIs: http://m/debian\nSuites: trixie\nComponents: main\nSigned-By: /k.debian-archive.gpg\n"
    node = converged(plain(PVE_9, text), debian_url="http://n/debian")
    assert node.files[DEBIAN_9].endswith(
        "\n\nTypes: deb\nURIs: http://n/debian-security\nSuites: trixie-security\nComponents: main\n"
        "Signed-By: /k.debian-archive.gpg\n"
    )


def test_entries_for_other_architectures_are_not_compared() -> None:
    text = "deb [arch=amd64] http://m/debian bookworm main\ndeb [arch=i386] http://m/debian bookworm main\n"
    assert (
        text.replace("//m/", "//n/")
        in converged(plain(PVE_8, text), debian_url="http://n/debian").files["/etc/apt/sources.list"]
    )


def test_ceph_may_be_elsewhere_on_the_mirror() -> None:
    node = converged(debian_node(PVE_9), proxmox_url="http://m/pve", ceph_url="http://m/ceph", ceph_release="squid")
    assert "URIs: http://m/pve/debian/pve\n" in node.files[proxmox_path(PVE_9)]
    assert "URIs: http://m/ceph/debian/ceph-squid\n" in node.files[ceph_path(PVE_9)]


STABLE = "deb http://m/debian stable main\ndeb http://m/debian-security stable-security main\n"
PROVIDER = (
    "deb http://m/debian/packages bookworm main contrib\n"
    "deb http://m/debian/packages bookworm-updates main contrib\n"
    "deb http://m/debian/security bookworm-security main\n"
)


def test_the_security_suite_of_stable_is_the_one_of_the_stable_release() -> None:
    node = debian_node(PVE_9, {"/etc/apt/sources.list": STABLE})
    del node.files[DEBIAN_9]
    assert not make_plan(SUBJECT, params(), node).warnings
    moved = converged(node, debian_url="http://n/debian").files["/etc/apt/sources.list"]
    assert moved == STABLE.replace("http://m/", "http://n/")


def test_a_mirror_takes_the_place_of_a_providers_whatever_its_paths() -> None:
    assert converged(plain(PVE_8, PROVIDER), debian_url="http://n/debian").files["/etc/apt/sources.list"] == (
        "deb http://n/debian bookworm main contrib\n"
        "deb http://n/debian bookworm-updates main contrib\n"
        "deb http://n/debian-security bookworm-security main\n"
    )


def test_what_was_fetched_says_that_a_repository_is_not_debians() -> None:
    """Nothing of somebody else's is taken for a mirror of Debian, however it is called."""
    line = "deb http://m/debian/php bookworm main\n"
    node = plain(PVE_8, line + PROVIDER)
    release = "/var/lib/apt/lists/m_debian_php_dists_bookworm_InRelease"
    node.commands[(*_SAYS, release)] = printed("Origin: php.example\nCodename: bookworm\n")
    assert converged(node, debian_url="http://n/debian").files["/etc/apt/sources.list"].startswith(line)


@pytest.mark.parametrize(
    ("ages", "asked", "read"),
    [
        ({LISTS: 40, UPDATE_STAMP: 8}, 7, True),
        ({LISTS: 40, UPDATE_STAMP: 7}, 7, False),
        ({LISTS: 0, UPDATE_STAMP: 8}, 7, False),
        ({LISTS: 8}, 7, True),
        ({LISTS: 400, UPDATE_STAMP: 400}, 0, False),
    ],
)
def test_lists_that_are_older_than_asked_are_read_again(ages: dict[str, int], asked: int, read: bool) -> None:
    node = converged(debian_node(PVE_9))
    node.ages = ages
    plan = make_plan(SUBJECT, params(lists_max_age=asked), node)
    assert plan.sentences == ["read the package lists, which are older than lists_max_age (apt-get update)"] * read
    converged(node, lists_max_age=asked)
