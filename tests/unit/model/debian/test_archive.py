"""archive: whose an entry is, and of which release its suites are; what was fetched has the last word."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import Fetched, Source, parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.archive import (
    codenames_of,
    gives_security,
    is_debian,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES, release_of


def source(line: str, **fetched: str) -> Source:
    """An entry; ``fetched`` is the origin and the codename of its first suite."""
    found = parse("/etc/apt/sources.list", f"{line}\n").sources[0]
    told = {(found.uris[0], found.suites[0]): Fetched(**fetched)} if fetched else {}
    return Source(**{**vars(found), "fetched": told})


@pytest.mark.parametrize(
    "line",
    [
        "deb http://m.example/debian trixie main",
        "deb http://m.example/debian-security trixie-security main contrib",
        "deb http://m.example trixie main",
        "deb http://mirror.provider.example/debian/packages bookworm main",
        "deb http://mirror.provider.example/debian/security bookworm-security main",
        "deb http://snapshot.example/archive/debian/20250101T000000Z trixie main",
        "deb http://mirror.provider.example/d/pool trixie main contrib non-free-firmware",
        "deb http://mirror.provider.example/d/pool trixie-updates main",
        "deb http://archive.example/debian jessie main",
        "deb http://m.example/debian stable main",
        "deb http://m.example/mirrors/Debian/x oldstable-backports main",
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m.example/d/x trixie-security main",
    ],
)
def test_what_is_debians_own_whatever_its_path(line: str) -> None:
    assert is_debian(source(line))


@pytest.mark.parametrize(
    "line",
    [
        "deb https://tools.example/linux/debian bookworm stable",
        "deb http://packages.example/php trixie main",
        "deb http://p.example/debian/ceph-octopus bullseye main",
        "deb http://packages.example/sql trixie-sql main",
        "deb http://packages.example/ubuntu noble main universe",
        "deb [signed-by=/k.gpg] http://ours.example/debian trixie main",
        "deb http://m.example/debian ./",
    ],
)
def test_what_is_somebody_elses(line: str) -> None:
    assert not is_debian(source(line))


def test_what_was_fetched_says_whose_it_is() -> None:
    provider, tools = "deb http://m.example/x trixie main contrib", "deb http://m.example/x/debian trixie main contrib"
    assert not is_debian(source(provider, origin="Somebody", codename="trixie"))
    assert is_debian(source(tools, origin="Debian", codename="trixie"))


@pytest.mark.parametrize(
    ("suite", "codename"),
    [
        ("stable", "trixie"),
        ("stable-security", "trixie"),
        ("oldstable/updates", "bookworm"),
        ("oldoldstable", "bullseye"),
        ("testing", "forky"),
        ("sid", "sid"),
        ("jessie", "jessie"),
        ("wheezy-backports", "wheezy"),
        ("bookworm-proposed-updates", "bookworm"),
    ],
)
def test_the_release_of_a_suite(suite: str, codename: str) -> None:
    assert codenames_of(source(f"deb http://m.example/debian {suite} main"), suite) == {codename}


def test_a_name_that_is_not_debians_has_no_release() -> None:
    assert not codenames_of(source("deb http://m.example/debian noble main"), "noble")


def test_a_moving_name_is_what_was_fetched() -> None:
    frozen = source("deb http://frozen.example/debian stable main", origin="Debian", codename="bookworm")
    assert codenames_of(frozen, "stable") == {"bookworm"}
    security = source(
        "deb http://s.example/debian-security stable-security main", origin="Debian", codename="forky-security"
    )
    assert codenames_of(security, "stable-security") == {"forky"}


def test_security_updates_by_any_name() -> None:
    trixie = RELEASES[-1]
    for suite in ("trixie-security", "stable-security", "stable/updates"):
        assert gives_security(source(f"deb http://m.example/debian-security {suite} main"), trixie)
    bookworm = release_of("bookworm")
    assert bookworm is not None
    assert not gives_security(source("deb http://m.example/debian-security stable-security main"), bookworm)
