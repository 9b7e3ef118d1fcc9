"""change: what is written, what is put back, and which command puts it in force."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.change import (
    CLOUD_INIT,
    RESOLVED,
    UDEV,
    activation,
    change_of,
)
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.guarded_change import (
    RELOAD,
    GuardedChange,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import (
    DesiredNetwork,
    ObservedNetwork,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.networkd import pins_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

HOOKS = "hooks-run-again-at-every-reload"
LINKS = Kernel({name: Link(name, mac="02:00:00:00:00:01", carrier=True) for name in ("eno1", "eno2", "eno3")})


def wanted(*given: dict[str, Any]) -> DesiredNetwork:
    return desired_from({"interfaces": list(given), "allow_dhcp": False, "timeout": 90})


def change(observed: ObservedNetwork, *given: dict[str, Any]) -> GuardedChange:
    made = change_of(wanted(*given), observed, target(wanted(*given), observed))
    assert made is not None
    return made


def test_nothing_to_do_is_no_change() -> None:
    observed = ObservedNetwork("ifupdown2", cases.files(HOOKS, "interfaces.before"), cloud_init=True)
    desired = wanted({"name": "eno2", "type": "physical", "mtu": 1400})
    assert change_of(desired, observed, target(desired, observed)) is None


def test_an_independent_change_leaves_others_alone() -> None:
    observed = ObservedNetwork("ifupdown2", cases.files(HOOKS, "interfaces.before"))
    made = change(observed, {"name": "eno2", "type": "physical", "mtu": 1300})
    assert made.activate == ("ifup", "eno2")
    assert made.activate[1:] == tuple(cases.right(HOOKS)["changed"])
    assert [file.path for file in made.files] == [MAIN] and made.files[0].back is None and made.seconds == 90


def test_an_address_moves_with_one_command_from_below() -> None:
    case = "root-disk-over-the-nic"
    observed = ObservedNetwork("ifupdown2", cases.files(case), kernel=LINKS)
    assert change(observed, cases.declared(case)[0]).activate == ("ifup", "eno2", "vmbr0")


def test_udev_leaves_the_hardware_address_of_a_bridge_alone() -> None:
    """Else it sets one of its own, now and then after ifupdown2 has set the right one, and at any boot."""
    observed = ObservedNetwork("ifupdown2", cases.files("root-disk-over-the-nic"), kernel=LINKS)
    bridge = cases.declared("root-disk-over-the-nic")[0]
    files = {file.path: file.text or "" for file in change(observed, bridge).files}
    assert "OriginalName=vmbr0\n" in files[UDEV] and "MACAddressPolicy=none\n" in files[UDEV]
    bond = {"name": "bond0", "type": "bond", "members": ["eno3"], "mac": "02:00:00:00:00:09"}
    files = {file.path: file.text or "" for file in change(observed, bridge, bond).files}
    assert "OriginalName=vmbr0 bond0\n" in files[UDEV]
    assert pins_of({UDEV: files[UDEV]}) == (), "it gives nobody a name"
    had = "auto vmbr7\niface vmbr7 inet manual\n\tbridge-ports eno3\n\thwaddress 02:00:00:00:00:07\n"
    there = ObservedNetwork("ifupdown2", {MAIN: had}, kernel=LINKS)
    files = {file.path: file.text or "" for file in change(there, {**bond, "members": ["eno2"]}).files}
    assert "OriginalName=vmbr7 bond0\n" in files[UDEV], "of one that an earlier run was told of, too"
    of_nobody = change(observed, {"name": "vmbr9", "type": "bridge"})
    assert [file.path for file in of_nobody.files] == [MAIN]


BASE = "auto eno1\niface eno1 inet manual\n\nauto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1\n"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"name": "eno1", "type": "physical", "mtu": 9000}, id="others stand on it"),
        pytest.param({"name": "vmbr0", "type": "bridge", "state": "absent"}, id="it goes"),
    ],
)
def test_a_reload_is_needed(given: dict[str, Any]) -> None:
    observed = ObservedNetwork("ifupdown2", {MAIN: BASE}, kernel=LINKS)
    assert activation(observed, target(wanted(given), observed)) == RELOAD


GONE = {"name": "vmbr0", "type": "bridge", "state": "absent"}


def test_how_a_reload_ends_without_the_change_is_tried_where_it_does_nothing() -> None:
    """Not where a hook would run once more, nor where somebody has written what nobody has loaded."""
    bridge = Link("vmbr0", up=True, kind="bridge")
    running = Kernel({"eno1": Link("eno1", up=True, carrier=True, master="vmbr0"), "vmbr0": bridge})
    quiet = ObservedNetwork("ifupdown2", {MAIN: BASE}, kernel=running)
    assert change(quiet, GONE).baseline
    hooked = replace(quiet, files={MAIN: f"{BASE}\tpost-up iptables -A INPUT -j ACCEPT\n"})
    not_loaded = replace(quiet, files={MAIN: f"{BASE}\taddress 192.0.2.11/24\n"})
    older = replace(quiet, program="ifupdown")
    assert not any(change(one, GONE).baseline for one in (hooked, not_loaded, older))
    assert not change(quiet, {"name": "vmbr7", "type": "bridge"}).baseline, "no reload is needed"


def test_from_ifupdown_the_way_back_is_what_ifupdown2_reads_alike() -> None:
    text = "allow-hotplug eno1\niface eno1 inet static\n\taddress 192.0.2.11/24\n"
    observed = ObservedNetwork("ifupdown", {MAIN: text}, kernel=LINKS)
    made = change(observed, {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"})
    assert made.activate == RELOAD
    assert made.files[0].back == text.replace("allow-hotplug", "auto")
    assert "auto vmbr0" in (made.files[0].text or "")


def test_from_systemd_networkd_and_cloud_init() -> None:
    address = ipaddress.ip_interface("192.0.2.11/24")
    links = Kernel({"eno1": replace(LINKS.links["eno1"], addresses=(address,))})
    observed = ObservedNetwork(None, {}, kernel=links, managers={"eno1": "systemd-networkd"}, cloud_init=True)
    named = replace(observed, dns=("192.0.2.53", "fd00::53"), search=("example.org",))
    made = change(named, {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"})
    assert made.files[-1].path == RESOLVED and made.units[-1] == ("restart", "systemd-resolved.service")
    assert made.files[-1].text == ("# Made by Ansible.\n[Resolve]\nDNS=192.0.2.53 fd00::53\nDomains=example.org\n")
    made = change(observed, {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"})
    assert [file.path for file in made.files] == [MAIN, UDEV, CLOUD_INIT]
    assert "config: disabled" in (made.files[2].text or "")
    assert ("enable", "networking.service") in made.units and ("mask", "systemd-networkd.service") in made.units
