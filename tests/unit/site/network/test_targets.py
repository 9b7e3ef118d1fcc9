"""targets: every address of the others in a network that the node is in, or will be."""

from __future__ import annotations

import ipaddress
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, KernelRoute, Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import DesiredNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.target import Target
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.targets import targets_of

DEFAULT = KernelRoute(ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_address("192.0.2.1"), "eno1")


def link(name: str, mtu: int, *addresses: str) -> Link:
    return Link(name, mtu=mtu, addresses=tuple(map(ipaddress.ip_interface, addresses)))


def kernel(number: int, mtu: int = 1500) -> Kernel:
    links = {
        "lo": link("lo", 65536, "127.0.0.1/8"),
        "eno1": link("eno1", 1500, f"192.0.2.1{number}/24", f"fe80::{number}/64"),
        "eno2": link("eno2", mtu, f"10.10.2.1{number}/24"),
    }
    return Kernel(links, (DEFAULT,))


def wanted(*given: dict[str, Any]) -> DesiredNetwork:
    return desired_from({"interfaces": list(given), "allow_dhcp": False, "timeout": 60})


KERNELS = {"pve1": kernel(1, 9000), "pve2": kernel(2, 9000), "pve3": kernel(3)}


def test_every_network_in_full_size_and_the_gateway() -> None:
    assert set(targets_of("pve1", KERNELS, {})) == {
        Target("192.0.2.12", "eno1 of pve2", 1500, "192.0.2.11"),
        Target("192.0.2.13", "eno1 of pve3", 1500, "192.0.2.11"),
        Target("10.10.2.12", "eno2 of pve2", 9000, "10.10.2.11"),
        Target("10.10.2.13", "eno2 of pve3", 1500, "10.10.2.11"),
        Target("192.0.2.1", "the gateway", 1500),
    }


def test_as_it_will_be() -> None:
    new = wanted(
        {"name": "eno2", "type": "physical", "addresses": ["192.0.2.99/24"], "mtu": 1400, "gateway": "192.0.2.254"},
        {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1", "mtu": 1300},
    )
    found = set(targets_of("pve1", {"pve1": kernel(1), "pve2": kernel(2)}, {"pve1": new}))
    assert found == {
        Target("192.0.2.12", "eno1 of pve2", 1400, "192.0.2.99"),
        Target("192.0.2.12", "eno1 of pve2", 1300, "192.0.2.11"),
        Target("192.0.2.254", "the gateway", 1500),
    }


def test_larger_packets_on_all_show_at_the_second_node() -> None:
    """The others take the smaller ones as long as nobody has changed them."""
    large = wanted({"name": "eno2", "type": "physical", "mtu": 9000})
    desired, small = {"pve1": large, "pve2": large}, {"pve1": kernel(1), "pve2": kernel(2)}
    first, second = targets_of("pve1", small, desired), targets_of("pve2", {**small, "pve1": kernel(1, 9000)}, desired)
    assert Target("10.10.2.12", "eno2 of pve2", 1500, "10.10.2.11") in first
    assert Target("10.10.2.11", "eno2 of pve1", 9000, "10.10.2.12") in second


def test_alone() -> None:
    assert targets_of("pve1", {"pve1": Kernel({"lo": link("lo", 65536, "127.0.0.1/8")})}, {}) == ()
