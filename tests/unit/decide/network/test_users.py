"""users: guests, and a node that watches itself."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link, Use
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN

from .test_cases import kernel, observed, said, wanted

BRIDGE = "auto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno3\n\tbridge-stp off\n\tbridge-fd 0\n"
GUESTS = (Use("vmbr1", "VM 101", "guest"), Use("vmbr1", "container 102", "guest"))
#: A virtual machine that runs, a container behind a firewall bridge, and a bridge that is not theirs.
PORTS = {"eno3": "vmbr1", "tap101i0": "vmbr1", "fwpr102p0": "vmbr1", "tap103i0": "vmbr9", "vmbr1": ""}
RUNNING = Kernel({name: Link(name, up=True, carrier=True, master=master) for name, master in PORTS.items()})
LINKS = (Use("eno1", "link0 of the cluster", "corosync", "192.0.2.11"),)
TWO_LINKS = (*LINKS, Use("eno2", "link1 of the cluster", "corosync", "10.10.2.11"))
MANAGEMENT = "auto eno1\niface eno1 inet static\n\taddress 192.0.2.11/24\n"
TAKEN = wanted({"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"})


def test_a_bridge_of_guests_keeps_a_port() -> None:
    found = observed({MAIN: BRIDGE}, "eno3", "eno4", program="ifupdown2", uses=GUESTS)
    alone = wanted({"name": "vmbr1", "type": "bridge", "ports": []})
    assert "no port any more, and VM 101, container 102 would reach nobody" in said(alone, found)
    assert said(wanted({"name": "vmbr1", "type": "bridge", "ports": ["eno4"]}), found) == ""
    assert said(alone, observed({MAIN: BRIDGE}, "eno3", program="ifupdown2")) == ""


@pytest.mark.parametrize(
    ("text", "aware", "word"),
    [(BRIDGE, True, "become"), (BRIDGE + "\tbridge-vlan-aware yes\n\tbridge-vids 2-4094\n", False, "no longer be")],
)
def test_ports_of_running_guests_do_not_follow_their_bridge(text: str, aware: bool, word: str) -> None:
    desired = wanted({"name": "vmbr1", "type": "bridge", "ports": ["eno3"], "vlan_aware": aware})
    refused = said(desired, observed({MAIN: text}, program="ifupdown2", kernel=RUNNING))
    assert f"vmbr1 would {word} VLAN-aware while the guests 101, 102 run on it" in refused
    assert said(desired, observed({MAIN: text}, "eno3", program="ifupdown2")) == ""


def test_a_node_with_ha_services_keeps_a_link() -> None:
    for uses, watched, refuses in ((LINKS, True, True), (TWO_LINKS, True, False), (LINKS, False, False)):
        found = observed({MAIN: MANAGEMENT}, "eno1", "eno2", program="ifupdown2", uses=uses, watched=watched)
        assert ("reset itself after a minute" in said(TAKEN, found)) == refuses


def test_network_manager_keeps_what_it_has() -> None:
    managers = {"eno1": "NetworkManager", "eno2": "ifupdown"}
    found = observed({MAIN: MANAGEMENT}, kernel=kernel("eno1", "eno2"), program="ifupdown2", managers=managers)
    assert "NetworkManager manages eno1" in said(TAKEN, found)
    assert said(wanted({"name": "vmbr1", "type": "bridge", "ports": ["eno2"]}), found) == ""
