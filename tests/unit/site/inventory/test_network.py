"""network: what is exported and then declared changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.network import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.network import (
    network_notes,
    network_variables,
)
from ansible_collections.baremetal.virt.plugins.modules.network import SUBJECT
from ansible_collections.baremetal.virt.plugins.plugin_utils.options import validated

from ...decide.network.test_network import DEBIAN, NetworkNode

LO = "auto lo\niface lo inet loopback\n\n"
BRIDGE = """auto vmbr0
iface vmbr0 inet static
\taddress 192.0.2.11/24
\tgateway 192.0.2.1
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0
\tup ip route replace 10.50.0.0/16 via 192.0.2.2 dev vmbr0
#for guests
"""
BOND = """
auto bond0
iface bond0 inet manual
\tbond-slaves eno1 eno2
\tbond-miimon 100
\thwaddress 02:00:00:00:00:01

auto bond0.40
iface bond0.40 inet static
\taddress 10.10.40.11/24
\tmtu 1400

auto stor
iface stor inet6 static
\taddress fd00::11/64
\tvlan-raw-device bond0
\tvlan-id 41
"""


def planned(node: NetworkNode, variables: dict[str, Any]) -> list[str]:
    given = {name.removeprefix("network_"): value for name, value in variables.items()}
    return make_plan(SUBJECT, validated(SUBJECT.argument_spec, {}, given), node).sentences


@pytest.mark.parametrize(
    ("text", "program", "names"),
    [
        pytest.param(LO + BRIDGE, "ifupdown2", ["vmbr0"], id="bridge"),
        pytest.param(LO + "iface eno1 inet manual\n\n" + BRIDGE, "ifupdown2", ["vmbr0"], id="silent port"),
        pytest.param(LO + BOND, "ifupdown2", ["bond0", "bond0.40", "stor"], id="bond and VLANs"),
    ],
)
def test_it_is_an_inverse(text: str, program: str, names: list[str]) -> None:
    node = NetworkNode(text, program)
    found = network_variables(observe(node))
    assert [one["name"] for one in found["network_interfaces"]] == names
    assert planned(node, found) == [] and not list(network_notes(observe(node)))


def test_a_lease_is_allowed_where_there_is_one() -> None:
    node = NetworkNode(LO + "auto vmbr0\niface vmbr0 inet dhcp\n\tbridge-ports eno1\n", "ifupdown2")
    found = network_variables(observe(node))
    assert found["network_allow_dhcp"] is True and planned(node, found) == []


def test_what_cannot_be_said_is_left_out_and_told() -> None:
    node = NetworkNode(LO + BRIDGE + "\nauto lag\niface lag inet manual\n\tbond-slaves eno2\n", "ifupdown2")
    found = network_variables(observe(node))
    assert [one["name"] for one in found["network_interfaces"]] == ["vmbr0"] and planned(node, found) == []
    (note,) = network_notes(observe(node))
    assert note.startswith("The interface lag is left out, and so left alone: Proxmox VE takes lag for no bond")


def test_what_another_program_manages_is_not_declared() -> None:
    """Declared, it would be managed by ifupdown2, and that would be a change."""
    node = NetworkNode(DEBIAN, "ifupdown")
    assert network_variables(observe(node)) == {}
    assert "the role would change it" in "".join(network_notes(observe(node)))


def test_a_node_without_a_file_says_nothing() -> None:
    assert network_variables(observe(NetworkNode(LO, "ifupdown2"))) == {}
