"""Links: from what the inventory says to the one address of a node, for any node."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.links import (
    parse_link,
    parse_links,
    resolve_links,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.links import Links, is_public
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Address, Host
from hypothesis import given
from hypothesis import strategies as st


def host(*addresses: tuple[str, str]) -> Host:
    """A host with these (interface, CIDR) addresses, which its name resolves to in this order."""
    interfaces = [(name, ipaddress.ip_interface(cidr)) for name, cidr in addresses]
    return Host(
        name="pve1",
        fqdn="pve1",
        addresses=tuple(Address(name, found.ip, found.network.prefixlen) for name, found in interfaces),
        resolves_to=tuple(found.ip for name, found in interfaces if name != "lo"),
        distribution="debian",
        release="13",
        codename="trixie",
    )


NODE = host(
    ("lo", "127.0.0.1/8"),
    ("eth0", "10.10.1.11/24"),
    ("eth0", "fe80::1/64"),
    ("eth1", "10.10.2.11/24"),
    ("eth1", "10.10.2.12/24"),
    ("vmbr0", "192.168.0.11/24"),
    ("vmbr0", "fd00:1::11/64"),
)


@pytest.mark.parametrize(
    ("request_", "address"),
    [
        ("10.10.1.0/24", "10.10.1.11"),
        ("10.10.0.0/23", "10.10.1.11"),
        ("10.10.2.12", "10.10.2.12"),
        ("eth0", "10.10.1.11"),
        ("fd00:1::/64", "fd00:1::11"),
        ("192.168.0.0/16", "192.168.0.11"),
    ],
)
def test_a_link_with_one_address(request_: str, address: str) -> None:
    assert resolve_links([parse_link(request_)], NODE) == (Links({0: address}), ())


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ("10.10.3.0/24", "has no address for link0 (10.10.3.0/24); its addresses are: 10.10.1.11 (eth0)"),
        ("10.10.3.1", "has no address for link0 (10.10.3.1)"),
        ("eth7", "has no address for link0 (eth7)"),
        ("lo", "has no address for link0 (lo)"),
        ("127.0.0.1", "has no address for link0 (127.0.0.1)"),
        ("fe80::/64", "has no address for link0 (fe80::/64)"),
        ("10.10.2.0/24", "has 2 addresses for link0 (10.10.2.0/24): 10.10.2.11 (eth1), 10.10.2.12 (eth1)."),
        ("10.0.0.0/8", "has 3 addresses for link0"),
        ("eth1", "has 2 addresses for link0 (eth1): 10.10.2.11 (eth1), 10.10.2.12 (eth1)."),
        ("vmbr0", "has 2 addresses for link0 (vmbr0): 192.168.0.11 (vmbr0), fd00:1::11 (vmbr0)."),
    ],
)
def test_a_link_with_none_or_several(request_: str, reason: str) -> None:
    links, refusals = resolve_links([parse_link(request_)], NODE)
    assert links == Links({0: ""}) and not links.complete
    assert reason in refusals[0].reason


def test_one_address_for_two_links_is_refused() -> None:
    links, refusals = resolve_links(parse_links(["10.10.1.0/24", "eth0"]), NODE)
    assert links.addresses == ("10.10.1.11", "10.10.1.11")
    assert "more than one link" in refusals[0].reason


@pytest.mark.parametrize("request_", ["10.15.15.0/24", "10.15.15.51", "ens19", "ens20"])
def test_one_address_on_two_ports_is_one_address(request_: str) -> None:
    """A mesh without a switch has it on the port to each neighbour."""
    mesh = host(("vmbr0", "10.10.1.11/24"), ("ens19", "10.15.15.51/24"), ("ens20", "10.15.15.51/24"))
    requests = parse_links(["10.10.1.0/24", request_])
    assert resolve_links(requests, mesh) == (Links.in_order(["10.10.1.11", "10.15.15.51"]), ())


@pytest.mark.parametrize("request_", ["10.0.9.0/24", "10.0.9.1/32", "10.0.9.1", "lo"])
def test_an_address_of_a_routed_fabric_may_stand_on_loopback(request_: str) -> None:
    fabric = host(("lo", "127.0.0.1/8"), ("lo", "10.0.9.1/32"), ("eth0", "10.10.1.11/24"))
    assert resolve_links([parse_link(request_)], fabric) == (Links({0: "10.0.9.1"}), ())


def test_without_links_the_nodes_own_name_decides() -> None:
    assert resolve_links([], NODE) == (Links({0: "10.10.1.11"}), ())


IPV4 = st.ip_addresses(v=4).map(str)


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(1, 254)), min_size=1, max_size=8, unique_by=lambda one: one[0])
)
def test_every_network_with_one_address_gives_that_address(pairs: list[tuple[int, int]]) -> None:
    addresses = [f"10.20.{third}.{fourth}" for third, fourth in pairs]
    node = host(*((f"eth{index}", f"{address}/24") for index, address in enumerate(addresses)))
    requests = parse_links([f"10.20.{third}.0/24" for third, _fourth in pairs])
    assert resolve_links(requests, node) == (Links.in_order(addresses), ())


@given(st.lists(IPV4, max_size=6, unique=True), st.ip_addresses(v=4), st.integers(1, 32))
def test_a_network_never_gives_an_address_outside_of_it(addresses: list[str], within: object, prefix: int) -> None:
    node = host(*((f"eth{index}", f"{address}/24") for index, address in enumerate(addresses)))
    network = ipaddress.ip_network(f"{within}/{prefix}", strict=False)
    links, refusals = resolve_links([network], node)
    inside = [one for one in node.usable if one.ip in network]
    assert bool(refusals) is (len(inside) != 1)
    assert links == Links({0: str(inside[0].ip) if len(inside) == 1 else ""})


@given(IPV4)
def test_public_is_what_no_private_range_holds(address: str) -> None:
    first, second = (int(part) for part in address.split(".")[:2])
    private = first == 10 or (first == 172 and 16 <= second < 32) or (first, second) in ((192, 168), (169, 254))
    assert is_public(parse_link(address)) is not private
