"""view: what the role has gathered, from network_info to the targets of a node."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.info import describe
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.view import kernel_of, network_targets

from .test_targets import KERNELS


def seen(*declared: list[dict[str, Any]]) -> dict[str, Any]:
    shown = [describe(ObservedNetwork("ifupdown2", kernel=kernel)) for kernel in KERNELS.values()]
    return {"hosts": list(KERNELS), "shown": shown, "declared": [*declared, [], [], []][:3]}


def test_what_is_told_is_what_counts() -> None:
    for kernel, told in zip(KERNELS.values(), seen()["shown"]):
        assert kernel_of(told).links == kernel.links
        assert [(route.to, route.via) for route in kernel_of(told).routes] == [
            (route.to, route.via) for route in kernel.routes
        ]


def test_targets_are_options_of_the_module() -> None:
    found = network_targets(seen(), "pve2")
    assert {"address": "10.10.2.11", "what": "eno2 of pve1", "mtu": 9000, "source": "10.10.2.12"} in found
    assert {"address": "192.0.2.1", "what": "the gateway", "mtu": 1500, "source": ""} in found


def test_the_address_of_another_is_refused() -> None:
    with pytest.raises(Refused, match="192.0.2.12 would be on eno1 of pve1 and eno1 of pve2"):
        network_targets(seen([{"name": "eno1", "type": "physical", "addresses": ["192.0.2.12/24"]}]), "pve1")
