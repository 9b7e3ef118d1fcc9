"""repositories: what is refused or invalid, and what the refusal says."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.debian.repositories import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import Release
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT

from ....doubles.fake_debian import debian_node
from .repositories_cases import PVE_7, PVE_8, PVE_9, params


@pytest.mark.parametrize(
    ("release", "line"),
    [
        (PVE_7, "deb http://mirror.example/proxmox/debian/pve buster pve-no-subscription"),
        (PVE_7, "deb http://mirror.example/proxmox/debian/ceph-quincy bookworm main"),
        (PVE_8, "deb http://mirror.example/debian bullseye main"),
        (PVE_8, "deb http://mirror.example/debian-security bullseye-security main contrib"),
        (PVE_8, "deb http://mirror.example/debian trixie-backports main"),
        (PVE_9, "deb http://mirror.example/debian sid main"),
        (PVE_9, "deb http://mirror.example/debian bookworm/updates main"),
        (PVE_7, "deb http://mirror.example/debian stable main"),
        (PVE_8, "deb http://mirror.example/debian-security stable-security main"),
        (PVE_8, "deb http://mirror.example/debian jessie main"),
        (PVE_8, "deb http://mirror.example/debian/packages trixie main"),
        (PVE_9, "deb http://mirror.example/archive/debian/20200101T000000Z buster main"),
    ],
)
def test_a_mix_of_releases_is_refused_with_the_line(release: Release, line: str) -> None:
    node = debian_node(release, {"/etc/apt/sources.list.d/mix.list": f"# a remark\n{line}\n"})
    refusal = make_plan(SUBJECT, params(), node).refusals[0]
    assert line in refusal.reason and "mix.list, line 2" in refusal.reason


@pytest.mark.parametrize(
    "line",
    [
        "# deb http://mirror.example/debian bullseye main",
        "deb https://tools.example/linux/debian bullseye stable",
        "deb http://mirror.example/debian bookworm-backports main",
        "deb [signed-by=/k.gpg] http://ours.example/debian sid main",
        "deb http://mirror.example/debian oldstable main",
        "deb http://tools.example/php trixie main",
    ],
)
def test_what_is_no_mix(line: str) -> None:
    assert not make_plan(
        SUBJECT, params(), debian_node(PVE_8, {"/etc/apt/sources.list.d/tools.list": f"{line}\n"})
    ).refusals


def test_a_moving_name_is_told_with_what_it_means() -> None:
    node = debian_node(PVE_8, {"/etc/apt/sources.list": "deb http://m.example/debian stable main\n"})
    assert "mixes stable (trixie) into bookworm" in make_plan(SUBJECT, params(), node).refusals[0].reason


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.list", "# a remark\nrpm http://a.example trixie main\n", "x.list, line 2: the type rpm is not known."),
        ("x.list", "deb [arch=amd64 http://a.example trixie main\n", "x.list, line 1: "),
        ("x.sources", "Types: deb\nSuites: trixie\n", "x.sources, line 1: the field URIs is missing or empty."),
        ("x.sources", "# y\n\nTypes: deb\nURIs: a.example\nSuites: ./\n", "line 3: a.example is not a URI."),
        ("x.sources", "Types: deb\nURIs: http://a.example\nSuites: ./\nfoo\n", "line 4: there is no field"),
    ],
)
def test_a_file_that_apt_cannot_read_is_named_with_its_line(name: str, text: str, said: str) -> None:
    node = debian_node(PVE_9, {f"/etc/apt/sources.list.d/{name}": text})
    refusal = make_plan(SUBJECT, params(), node).refusals[0]
    assert said in refusal.reason and "Correct the entry" in refusal.hint


@pytest.mark.parametrize("uri", ["http://[fd00::10/debian", "http://\u2488com/", "//", "http://[", "x:"])
def test_a_uri_that_is_no_url_is_left_to_apt(uri: str) -> None:
    """apt reads it, and says what is wrong when it fetches; nothing here may stumble over it."""
    text = f"Types: deb\nURIs: {uri}\nSuites: trixie\nComponents: main\n"
    plan = make_plan(SUBJECT, params(), debian_node(PVE_9, {"/etc/apt/sources.list.d/x.sources": text}))
    assert plan.steps and bool(plan.refusals) is (":" not in uri)


@pytest.mark.parametrize("name", ["x.list.save", ".x.list", "x y.list", "x~.list", "x.List"])
def test_a_file_that_apt_does_not_look_at_is_none(name: str) -> None:
    node = debian_node(PVE_9, {f"/etc/apt/sources.list.d/{name}": "deb http://m.example/debian sid main\n"})
    assert not make_plan(SUBJECT, params(), node).refusals


@pytest.mark.parametrize(
    ("release", "ceph", "channel", "said"),
    [
        (PVE_7, "squid", "no-subscription", "It offers octopus and pacific and quincy."),
        (PVE_8, "tentacle", "no-subscription", "It offers quincy and reef and squid."),
        (PVE_9, "reef", "no-subscription", "It offers squid and tentacle."),
        (PVE_9, "sqiud", "no-subscription", "Proxmox VE 9 has no packages of Ceph sqiud."),
        (PVE_7, "quincy", "enterprise", "Set ceph_repository to no-subscription or test."),
    ],
)
def test_what_is_not_offered_is_refused(release: Release, ceph: str, channel: str, said: str) -> None:
    plan = make_plan(SUBJECT, params(ceph_release=ceph, ceph_repository=channel), debian_node(release))
    assert said in str(plan.refusals[0])


def test_an_unknown_debian_is_refused() -> None:
    node = debian_node(PVE_9, {"/etc/os-release": "ID=debian\nVERSION_CODENAME=forky\n"})
    assert "forky" in make_plan(SUBJECT, params(), node).refusals[0].reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"proxmox_url": "mirror.example/proxmox"}, "is not the URL of a web server"),
        ({"proxy": "http://me:secret@proxy:3128"}, "user name or password"),
        ({"lists_max_age": -1}, "lists_max_age is -1"),
        ({"debian_security_url": "http://m/debian-security"}, "without debian_url"),
    ],
)
def test_what_is_invalid(changes: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        desired_from(params(**changes))
