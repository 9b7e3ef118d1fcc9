"""addresses: an address has one node, and a network one MTU."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import DesiredNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.site.network.addresses import refuse_network_of_site


def wanted(name: str, *addresses: str, **more: Any) -> DesiredNetwork:
    given = {"name": name, "type": "physical", "addresses": list(addresses) or None, **more}
    return desired_from({"interfaces": [given], "allow_dhcp": False, "timeout": 60})


def shown(name: str, *addresses: str) -> Kernel:
    return Kernel({name: Link(name, addresses=tuple(map(ipaddress.ip_interface, addresses)))})


A, B = "192.0.2.11/24", "192.0.2.12/24"


@pytest.mark.parametrize(
    ("desired", "kernels", "words"),
    [
        pytest.param({"pve1": wanted("eno1", A), "pve2": wanted("eno1", B)}, {}, [], id="two addresses"),
        pytest.param({"pve1": wanted("eno1", A), "pve2": wanted("eno1", A)}, {}, ["192.0.2.11"], id="declared twice"),
        pytest.param({"pve1": wanted("eno1", A)}, {"pve2": shown("eno9", A)}, ["eno9 of pve2"], id="another has it"),
        pytest.param({"pve1": wanted("eno1", A)}, {"pve1": shown("eno1", A)}, [], id="its own"),
        pytest.param(
            {"pve1": wanted("eno1", A), "pve2": wanted("eno1", B)},
            {"pve1": shown("eno1", B), "pve2": shown("eno1", A)},
            [],
            id="they change places",
        ),
        pytest.param({}, {"pve1": shown("eno1", A), "pve2": shown("eno1", A)}, [], id="nobody declares it"),
        pytest.param({"pve1": wanted("eno1")}, {"pve2": shown("lo", "127.0.0.1/8")}, [], id="loopback"),
        pytest.param(
            {"pve1": wanted("eno1", A, mtu=9000), "pve2": wanted("eno1", B)},
            {},
            ["192.0.2.0/24", "1500 on eno1 of pve2, 9000 on eno1 of pve1"],
            id="two sizes",
        ),
        pytest.param(
            {"pve1": wanted("eno1", mtu=1400)},
            {"pve1": shown("eno1", A), "pve2": shown("eno9", B)},
            ["192.0.2.0/24", "1400 on eno1 of pve1, 1500 on eno9 of pve2"],
            id="another has another size",
        ),
        pytest.param(
            {"pve1": wanted("eno1", A)},
            {"pve2": Kernel({"eno1": Link("eno1", mtu=9000, addresses=shown("eno1", B).links["eno1"].addresses)})},
            [],
            id="nobody declares a size",
        ),
        pytest.param(
            {"pve1": wanted("eno1", "10.0.0.1/32", mtu=9000), "pve2": wanted("eno1", "10.0.0.2/32")},
            {},
            [],
            id="hosts have no network",
        ),
    ],
)  # fmt: skip
def test_of_all_nodes(desired: dict[str, DesiredNetwork], kernels: dict[str, Kernel], words: list[str]) -> None:
    refused = "\n".join(map(str, refuse_network_of_site(desired, kernels)))
    assert all(word in refused for word in words) and bool(refused) == bool(words)


def test_all_that_would_have_it_are_named_in_one_sentence() -> None:
    same = {host: wanted("eno1", A) for host in ("pve1", "pve2", "pve3")}
    (refusal,) = refuse_network_of_site(same, {})
    assert str(refusal).startswith("192.0.2.11 would be on eno1 of pve1 and eno1 of pve2 and eno1 of pve3.")
