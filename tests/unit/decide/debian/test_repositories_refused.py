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
    ],
)
def test_what_is_no_mix(line: str) -> None:
    assert not make_plan(
        SUBJECT, params(), debian_node(PVE_8, {"/etc/apt/sources.list.d/tools.list": f"{line}\n"})
    ).refusals


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
