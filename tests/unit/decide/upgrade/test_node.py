"""What an upgrade of one node would do, and everything that is in the way of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.upgrade.node import (
    is_current,
    reboot_reasons,
    refuse_node,
    report,
    warnings,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running import RunningCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import RunningLink
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.networkd import pins_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.cards import cards_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.kernel import Grub
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.node import ObservedUpgrade
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.packages import Policy, Row
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.upgraders import (
    Unattended,
    Upgraders,
    parse_config,
    parse_timer,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.kernel import parse_links
from ansible_collections.baremetal.virt.tests.doubles import upgrade_cases as cases

CARDS, OTHERS = "name-follows-the-kernel", "someone-else-reboots"


def said(observed: ObservedUpgrade) -> str:
    return "\n".join(map(str, refuse_node(observed)))


def test_a_node_that_is_as_it_should_be() -> None:
    found = cases.node()
    assert (is_current(found), said(found), warnings(found), reboot_reasons(found)) == (True, "", [], [])


def test_what_would_come_and_why_it_would_boot() -> None:
    found = cases.node(cases.SIMULATED)
    told: Any = report(found)
    assert said(found) == ""
    assert [one["package"] for one in told["updates"] if one["security"]] == ["openssl"]
    assert told["reboot"] == [f"{cases.OLD} runs, and the next boot takes {cases.NEW}"]
    assert told["kernel"] == {"running": cases.OLD, "next": cases.OLD, "after": cases.NEW, "way": "grub"}
    assert not told["current"]


def test_what_is_installed_and_not_booted_yet() -> None:
    found = cases.node(boot=cases.boot(cases.OLD, cases.NEW))
    assert len(reboot_reasons(found)) == 1
    assert not is_current(found)


def test_a_boot_of_which_nobody_can_tell_what_it_takes_is_not_ruled_out() -> None:
    unknown = cases.boot(grub=Grub(default="gnulinux-advanced>gone"))
    found = cases.node("Inst pve-manager [9.0.3] (9.0.11 Proxmox:9/stable [all])\n", boot=unknown)
    assert "Nobody can tell which kernel boots next" in said(found)
    told: Any = report(found)
    assert "Nobody can tell which kernel boots next" in " ".join(told["boot_refusals"])


def test_what_a_boot_would_break_is_told_where_none_is_needed() -> None:
    found = cases.node(network_starts=False)
    told: Any = report(found)
    assert said(found) == "" and "networking.service is off" in " ".join(told["boot_refusals"])
    assert report(cases.node())["boot_refusals"] == []


def test_microcode_needs_a_boot() -> None:
    line = "Inst intel-microcode [3.1] (3.2 Debian-Security:13/stable-security [amd64])\n"
    assert reboot_reasons(cases.node(line)) == ["intel-microcode takes effect at a boot"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"disarmed": True}, "/please-remove-proxmox-ve is there"),
        ({"simulation": None, "failure": "E: unmet dependencies"}, "unmet dependencies"),
        ({"lists_age": None}, "never fetched its lists"),
        ({"policies": {"pve-manager": Policy("9.0.3", "9.0.3", (Row("9.0.3", 100),))}}, "No list that apt has fetched"),
        ({"held": ("pve-manager", "vim")}, "Held by somebody: pve-manager."),
    ],
)
def test_packages(change: dict[str, Any], words: str) -> None:
    assert words in said(cases.with_packages(cases.node(), **change))


def test_preferences_that_keep_something_out() -> None:
    table = (Row("9.0.11", 400, (cases.ARCHIVE,)), Row("9.0.3", 100, ()))
    found = cases.with_packages(cases.node(), policies={"pve-manager": Policy("9.0.3", "9.0.3", table)})
    assert "keep pve-manager at 9.0.3, while 9.0.11 is offered" in said(found)
    backport = (Row("9.0.11", 100, ("http://d/debian trixie-backports/main",)), Row("9.0.3", 500, (cases.ARCHIVE,)))
    assert said(cases.with_packages(cases.node(), policies={"pve-manager": Policy("9.0.3", "9.0.3", backport)})) == ""


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("Remv proxmox-ve [9.0.0]\n", "apt would remove proxmox-ve, without which this is no node"),
        ("Remv tree [2.1]\n", "apt would remove tree."),
        ("The following packages have been kept back:\n  qemu-server vim\nInst", "apt would not upgrade qemu-server."),
        ("The following packages will be DOWNGRADED:\n  libpve-common-perl\nInst", "back to an older version"),
    ],
)
def test_what_apt_would_do_besides(lines: str, words: str) -> None:
    assert words in said(cases.node(lines))


def test_a_removal_that_was_named() -> None:
    assert refuse_node(cases.node("Remv tree [2.1]\n"), {"tree"}) == []
    assert refuse_node(cases.node("Remv tree [2.1]\n"), {"*"}) == []
    for removals in ({"tree"}, {"*"}, {"proxmox-ve"}):
        assert "without which this is no node" in str(refuse_node(cases.node("Remv proxmox-ve [9]\n"), removals)[0])


def test_half_configured_packages_are_no_obstacle() -> None:
    """They are what the upgrade finishes first; until then apt itself cannot say anything."""
    half = cases.with_packages(
        cases.node(), unfinished={"pve-lab-conf": "unpacked"}, simulation=None, failure="E: dpkg was interrupted"
    )
    assert said(half) == ""
    assert not is_current(half)


def cards_network() -> ObservedNetwork:
    links = parse_links(cases.data(CARDS, "ip-link.json"))
    hardware = {name: replace(link, pci="" if link.kind else "0000:41:00.0") for name, link in links.items()}
    path = cases.text(CARDS, "links.ls").split()[1]
    files = {"/etc/network/interfaces": cases.text(CARDS, "interfaces")}
    pins = pins_of({path: cases.text(CARDS, "50-pmx-nic1.link")})
    return ObservedNetwork("ifupdown2", files, kernel=Kernel(hardware), pins=pins)


def test_a_card_without_a_fixed_name_under_another_series() -> None:
    right = cases.right(CARDS)
    found = {
        card.name: {"used_by": list(card.used_by), "pinned": card.pinned, "at_risk": card.at_risk}
        for card in cards_of(cards_network())
    }
    assert found == right["cards"]
    running = cases.text(CARDS, "uname-r").strip()
    node = cases.node(
        cases.text(CARDS, "simulate.out"), boot=cases.boot(running, running=running), network=cards_network()
    )
    assert "enp65s0f0 carries vmbr0" in said(node)
    assert "from 6.14 to 6.17" in said(node)
    assert "nic1" not in said(node)


def test_within_a_series_names_stay() -> None:
    assert said(cases.node(cases.SIMULATED, network=cards_network())) == ""


def test_somebody_else_reboots() -> None:
    right = cases.right(OTHERS)["other_upgrader"]
    unattended = parse_config(cases.text(OTHERS, "apt-config-dump.out"))
    assert unattended == Unattended(right["periodic"], right["reboots"], right["at"], right["takes_proxmox_packages"])
    timer = parse_timer(cases.text(OTHERS, "list-unit-files.out"))
    assert "reboots by itself: unattended-upgrades does so at 04:30" in said(
        cases.node(upgraders=Upgraders(unattended, timer))
    )
    assert said(cases.node(upgraders=Upgraders(unattended, timer=False))) == ""


def test_debians_own_unattended_upgrades_are_told() -> None:
    found = cases.node(upgraders=Upgraders(Unattended(periodic=True), timer=True))
    assert (said(found), len(warnings(found))) == ("", 1)
    plain = 'Unattended-Upgrade::Allowed-Origins:: "${distro_id}:${distro_codename}-security";\n'
    assert not parse_config(plain).takes_proxmox
    assert parse_config('Unattended-Upgrade::Allowed-Origins:: "Proxmox:stable";\n').takes_proxmox


def test_a_program_that_drives_the_cluster() -> None:
    assert "proxlb.service" in said(cases.node(upgraders=Upgraders(drivers=("proxlb.service",))))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"space": {"/": ("/", 1 << 30)}}, "/ has 1024 MiB free, and the upgrade needs 5120 MiB there."),
        ({"space": {"/boot": ("/boot", 9 << 20)}}, "/boot has 9 MiB free"),
        ({"boot_devices": {"/dev/disk/by-id/gone": False}}, "GRUB is to install itself to /dev/disk/by-id/gone"),
        ({"network_starts": False}, "networking.service is off"),
        ({"same_config": False}, "Corosync does not start from the cluster's own configuration."),
        ({"clock": 0.4}, "The clock is 400 ms off."),
        ({"names": {1: "pve1", 2: "pve2"}}, "Corosync has no quorum here."),
    ],
)
def test_the_node_itself(change: dict[str, Any], words: str) -> None:
    assert words in said(cases.node(cases.SIMULATED, **change))


def test_a_full_boot_does_not_matter_without_a_kernel() -> None:
    line = "Inst pve-manager [9.0.3] (9.0.11 Proxmox:9/stable [all])\n"
    assert said(cases.node(line, space={"/boot": ("/boot", 9 << 20)})) == ""


def test_a_link_that_is_down() -> None:
    quorum = QuorumStatus(True, 3, 3, 2, {1: 1, 2: 1, 3: 1})
    links = (RunningLink(2, 0, "a", "b", True), RunningLink(2, 1, "a", "b", False))
    found = cases.node(running=RunningCluster(quorum, links), names={1: "pve1", 2: "pve2"})
    assert "link1 to pve2 is not connected" in said(found)


def test_everything_at_once() -> None:
    found = cases.node(cases.SIMULATED, clock=1.0, network_starts=False, upgraders=Upgraders(drivers=("proxlb.timer",)))
    assert len(refuse_node(found)) == 3


def test_old_programs_are_told() -> None:
    old = {
        "100.scope": ("/usr/bin/qemu-system-x86_64",),
        "lxcfs.service": ("/usr/lib/x.so",),
        "no unit": ("/usr/bin/a",),
    }
    told = report(cases.node(old=old))
    assert (told["guests_on_old"], told["services_on_old"]) == ([100], ["lxcfs.service"])
