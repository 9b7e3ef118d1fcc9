"""proof: each thing that is written and not there is a sentence."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.proof import lacks
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import (
    Kernel,
    KernelRoute,
    Link,
    Use,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.kernel import parse_vlans
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

TEXT = """\
auto lo
iface lo inet loopback

auto vmbr0
iface vmbr0 inet static
\taddress 192.0.2.11/24
\tgateway 192.0.2.1
\tbridge-ports eno1
\tmtu 9000
\thwaddress 02:00:00:00:00:01
\tup ip route replace 10.9.0.0/16 via 192.0.2.254 dev vmbr0

iface eno9 inet manual
"""
WRITTEN = interfaces(read({MAIN: TEXT}, "ifupdown2"))
OWN, OTHER = (ipaddress.ip_interface(text) for text in ("192.0.2.11/24", "192.0.2.99/24"))
DEFAULT, STATIC = ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("10.9.0.0/16")
BRIDGE = Link("vmbr0", "02:00:00:00:00:01", up=True, carrier=True, mtu=9000, addresses=(OWN,))
PORT = Link("eno1", "02:00:00:00:00:01", up=True, carrier=True, master="vmbr0")
ROUTES = (
    KernelRoute(DEFAULT, ipaddress.ip_address("192.0.2.1"), "vmbr0"),
    KernelRoute(STATIC, ipaddress.ip_address("192.0.2.254"), "vmbr0"),
)


def test_all_there() -> None:
    assert list(lacks(WRITTEN, Kernel({"vmbr0": BRIDGE, "eno1": PORT}, ROUTES))) == []


@pytest.mark.parametrize(
    ("bridge", "sentence"),
    [
        ({"addresses": ()}, "vmbr0 does not have 192.0.2.11/24."),
        ({"addresses": (OWN, OTHER)}, "vmbr0 also has 192.0.2.99/24."),
        ({"expiring": (OWN,)}, "vmbr0 has 192.0.2.11/24 only for a time: a dhcp client gave it."),
        ({"mtu": 1500}, "vmbr0 has MTU 1500, not 9000."),
        ({"mac": "02:00:00:00:00:02"}, "vmbr0 has the hardware address 02:00:00:00:00:02, not 02:00:00:00:00:01."),
        ({"up": False}, "vmbr0 is down."),
    ],
)
def test_the_bridge(bridge: dict[str, Any], sentence: str) -> None:
    kernel = Kernel({"vmbr0": replace(BRIDGE, **bridge), "eno1": PORT}, ROUTES)
    assert list(lacks(WRITTEN, kernel)) == [sentence]


def test_the_rest() -> None:
    assert list(lacks(WRITTEN, Kernel({"eno1": PORT}, ROUTES))) == ["vmbr0 is not there."]
    loose = Kernel({"vmbr0": BRIDGE, "eno1": replace(PORT, master="")}, ROUTES)
    assert list(lacks(WRITTEN, loose)) == ["eno1 is not in vmbr0."]
    lost = Kernel({"vmbr0": BRIDGE, "eno1": PORT}, ROUTES[1:])
    assert list(lacks(WRITTEN, lost)) == ["There is no route to 0.0.0.0/0 by way of 192.0.2.1 on vmbr0."]


def test_a_partner_of_lacp() -> None:
    text = "auto bond0\niface bond0 inet manual\n\tbond-slaves eno1\n\tbond-mode 802.3ad\n"
    kernel = Kernel({"bond0": replace(BRIDGE, name="bond0"), "eno1": replace(PORT, master="bond0")})
    written = interfaces(read({MAIN: text}, "ifupdown2"))
    assert list(lacks({"bond0": replace(written["bond0"], addresses=(OWN,))}, kernel, alone=("bond0",))) == [
        "bond0 speaks LACP, and nobody answers."
    ]


def test_tags_that_the_card_does_not_filter() -> None:
    case, right = "vlan-range-larger-than-the-nic", cases.right("vlan-range-larger-than-the-nic")["verify"]
    written = interfaces(read(cases.files(case), "ifupdown2"))
    guests = [
        Use(one["bridge"], f"VM {one['vmid']}", "guest", tag=one["tag"]) for one in cases.data(case, "guest-tags.json")
    ]
    links = {"vmbr0": replace(BRIDGE, mtu=1500), "enp65s0np0": replace(PORT, name="enp65s0np0")}
    kernel = Kernel(links, ROUTES, parse_vlans(cases.data(case, "bridge-vlan.json")))
    (sentence,) = lacks(written, kernel, guests)
    assert all(topic in sentence for topic in right["topics"]) and "VM 101" not in sentence
    whole = replace(kernel, vlans={"enp65s0np0": tuple(range(1, 4095))})
    assert list(lacks(written, whole, guests)) == []
    few = {MAIN: cases.text(case, "interfaces").replace("2-4094", "2-10")}
    sentences = list(lacks(interfaces(read(few, "ifupdown2")), whole))
    assert sentences == ["enp65s0np0 also lets the VLANs 11-4094 through."]
