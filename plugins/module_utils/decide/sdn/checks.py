# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What no cluster would take, or take and then do otherwise: told before anybody is asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from ...engine.errors import Invalid
from ...model.sdn.sdn import Kind, Wish, options_of

#: Kind and option → the smallest and the largest number.
_LIMITS: Mapping[tuple[Kind, str], tuple[int, int]] = {
    ("zone", "mtu"): (576, 65520),
    ("zone", "tag"): (1, 4094),
    ("zone", "vrf-vxlan"): (1, 16777215),
    ("zone", "vxlan-port"): (1, 65535),
    ("vnet", "tag"): (1, 16777215),
    ("controller", "asn"): (1, 4294967294),
    ("controller", "ebgp-multihop"): (1, 255),
    ("fabric", "hello_interval"): (1, 600),
    ("fabric", "csnp_interval"): (1, 600),
}
_HEADERS_OVER_IPV6 = 70
_CHOICES = {"dhcp": ("dnsmasq",), "vlan-protocol": ("802.1q", "802.1ad")}


def check(kind: Kind, name: str, wish: Wish) -> None:
    what = f"The {kind} {name}"
    _check_values(what, kind, wish)
    if kind == "zone":
        _check_zone(what, wish)
    elif kind == "controller":
        _check_controller(what, wish)
    elif kind == "fabric":
        _check_fabric(what, wish)
    elif kind == "subnet":
        _check_subnet(what, _network(what, name.partition("/")[2]), wish)


def _check_values(what: str, kind: Kind, wish: Wish) -> None:
    table = options_of(kind, wish.type)
    for option, value in wish.options.items():
        called = option.replace("-", "_")
        low, high = _LIMITS.get((kind, option), (0, 0))
        if high and not low <= int(str(value)) <= high:
            raise Invalid(f"{what}: {called} has to be between {low} and {high}.")
        if option in _CHOICES and value not in ("", *_CHOICES[option]):
            raise Invalid(f"{what}: {called} is one of {', '.join(_CHOICES[option])}.")
        form = table[option].form
        if form in ("address", "addresses") and value:
            for one in value if isinstance(value, tuple) else (value,):
                address(f"{what}: {called}", str(one))
        if form == "network" and value:
            _network(f"{what}: {called}", str(value))


def address(what: str, text: str) -> Any:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise Invalid(f"{what}: {text!r} is no address.") from None


def _network(what: str, text: str) -> Any:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise Invalid(f"{what}: {text!r} is no network: {error}.") from None


def _check_zone(what: str, wish: Wish) -> None:
    peers = wish.options.get("peers") or ()
    if wish.type == "vxlan" and peers and wish.options.get("fabric"):
        raise Invalid(f"{what}: say either peers or fabric.")
    over_ipv6 = [peer for peer in peers if ":" in str(peer)] if isinstance(peers, tuple) else []
    if over_ipv6 and not wish.options.get("mtu"):
        raise Invalid(
            f"{what}: over IPv6, VXLAN takes {_HEADERS_OVER_IPV6} bytes of each packet, and Proxmox VE subtracts 50.",
            f"Say mtu: that of the network between the nodes, less {_HEADERS_OVER_IPV6}, such as 1430.",
        )


def _check_controller(what: str, wish: Wish) -> None:
    if wish.type == "evpn" and wish.options.get("peers") and wish.options.get("fabric"):
        raise Invalid(f"{what}: say either peers or fabric.")


def _check_fabric(what: str, wish: Wish) -> None:
    for option, version in (("ip_prefix", 4), ("ip6_prefix", 6)):
        if wish.options.get(option) and _network(what, str(wish.options[option])).version != version:
            raise Invalid(f"{what}: {option} is no network of IPv{version}.")


def _check_subnet(what: str, network: Any, wish: Wish) -> None:
    gateway = wish.options.get("gateway")
    if gateway and network.prefixlen != network.max_prefixlen and address(what, str(gateway)) not in network:
        raise Invalid(f"{what}: its gateway {gateway} is not in it.")
    ranges = [_range(what, str(one), network) for one in _texts(wish.options.get("dhcp-range", ()))]
    for (start, end), (other_start, other_end) in combinations(ranges, 2):
        if start <= other_end and other_start <= end:
            raise Invalid(f"{what}: its dhcp_range {start}-{end} and {other_start}-{other_end} overlap.")


def _texts(value: Any) -> Iterator[str]:
    yield from (str(one) for one in (value if isinstance(value, tuple) else ()))


def _range(what: str, text: str, network: Any) -> tuple[Any, Any]:
    start, end = (address(f"{what}: dhcp_range", one) for one in text.split("-"))
    if start not in network or end not in network:
        raise Invalid(f"{what}: its dhcp_range {text} is not in it.")
    if start > end:
        raise Invalid(f"{what}: its dhcp_range {text} ends before it begins.")
    return start, end
