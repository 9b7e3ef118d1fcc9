"""view: what the role has gathered, from network_info to the targets of a node."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.baremetal.virt.plugins.filter.network_targets import FilterModule
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.info import describe
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.view import kernel_of

from .test_targets import KERNELS


def shown() -> list[dict[str, Any]]:
    return [{"host": host, **describe(ObservedNetwork("ifupdown2", kernel=one))} for host, one in KERNELS.items()]


def network_targets(host: str, **declared: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = FilterModule().filters()["network_targets"](shown(), host, declared)
    return found


def test_what_is_told_is_what_counts() -> None:
    for kernel, told in zip(KERNELS.values(), shown()):
        assert kernel_of(told).links == kernel.links
        assert [(route.to, route.via) for route in kernel_of(told).routes] == [
            (route.to, route.via) for route in kernel.routes
        ]


def test_targets_are_options_of_the_module() -> None:
    found = network_targets("pve2")
    assert {"address": "10.10.2.11", "what": "eno2 of pve1", "mtu": 9000, "source": "10.10.2.12"} in found
    assert {"address": "192.0.2.1", "what": "the gateway", "mtu": 1500, "source": ""} in found


def test_the_address_of_another_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="192.0.2.12 would be on eno1 of pve1 and eno1 of pve2"):
        network_targets("pve1", pve1=[{"name": "eno1", "type": "physical", "addresses": ["192.0.2.12/24"]}])


def test_options_are_as_the_module_gets_them() -> None:
    """An inventory in INI has texts where numbers are meant, and YAML makes a number of a single tag."""
    bridge = {"name": "vmbr1", "type": "bridge", "ports": ["eno3"], "vlan_aware": "yes", "vids": 40, "mtu": "1500"}
    found = network_targets("pve1", pve1=[{**bridge, "addresses": ["192.0.2.21/24"]}])
    assert {"address": "192.0.2.12", "what": "eno1 of pve2", "mtu": 1500, "source": "192.0.2.21"} in found


def test_what_the_module_would_not_take_is_told() -> None:
    with pytest.raises(AnsibleFilterError, match="mtu"):
        network_targets("pve1", pve1=[{"name": "eno1", "type": "physical", "mtu": "large"}])
