# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configuration of a switch of a fabric: lines of FRR, and text for switches of H3C and Huawei, to be reviewed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from ...decide.kube.fabric import fabric_from
from ...engine.errors import Invalid
from ...model.kube.fabric import Family, family
from ...model.kube.frr import Line, text
from .switches import Neighbour, Switch, switch_of

Dialect = Literal["frr", "h3c", "huawei"]
#: What is told to everybody: no policy at all would let nothing through.
ALL = "all-routes"
_FAMILIES: tuple[Family, ...] = ("ipv4", "ipv6")


def policy(one: Neighbour) -> str:
    """By which routes of a neighbour are taken."""
    return ALL if one.rack is None else f"from-{one.rack.name}"


def frr_lines(switch: Switch, password: str = "") -> Iterator[Line]:
    """``password``: of the sessions with nodes."""
    for rack in switch.racks:
        name = f"from-{rack.name}"
        yield (f"bgp as-path access-list {name} seq 5 permit {rack.paths}",)
        yield (f"route-map {name} permit 10", f"match as-path {name}")
    yield (f"route-map {ALL} permit 10",)
    top = f"router bgp {switch.asn}"
    if switch.router_id:
        yield top, f"bgp router-id {switch.router_id}"
    yield top, "bgp bestpath as-path multipath-relax"
    for one in switch.neighbours:
        yield top, f"neighbor {one.address} remote-as {one.asn}"
        yield top, f"neighbor {one.address} description {one.name}"
        if password and one.rack is not None:
            yield top, f"neighbor {one.address} password {password}"
    for kind in _FAMILIES:
        yield from ((top, f"address-family {kind} unicast", line) for line in _frr_family(switch, kind))


def _frr_family(switch: Switch, kind: Family) -> Iterator[str]:
    """Without a word FRR takes every neighbour for one of IPv4, and for none of IPv6."""
    yield from (f"network {one}" for one in switch.networks if family(one) == kind)
    for one in switch.neighbours:
        if family(one.address) == kind:
            if kind == "ipv6":
                yield f"neighbor {one.address} activate"
            yield f"neighbor {one.address} route-map {policy(one)} in"
            yield f"neighbor {one.address} route-map {ALL} out"
        elif kind == "ipv4":
            yield f"no neighbor {one.address} activate"


def fabric_switch_text(fabric: Mapping[str, Any], name: str, dialect: Dialect) -> str:
    """What to write into a switch that nobody reaches from here, to be reviewed. There is no password in it."""
    if dialect not in get_args(Dialect):
        raise Invalid(f"{dialect} is none of {', '.join(get_args(Dialect))}.")
    declared = fabric_from(fabric)
    switch = switch_of(declared, name)
    if dialect == "frr":
        return text(frr_lines(switch))
    secret = declared.password
    words = "" if secret is None else f"<the entry {secret.key} of the secret {secret.name}>"
    return "".join(f"{line}\n" for line in _Text(dialect, words).lines(switch))


class _Text:
    """Comware and VRP: one language with other words in some places."""

    def __init__(self, dialect: Dialect, password: str) -> None:
        self.huawei, self.password = dialect == "huawei", password

    def lines(self, switch: Switch) -> Iterator[str]:
        for number, rack in enumerate(switch.racks, 10):
            yield f"{'ip as-path-filter' if self.huawei else 'ip as-path'} {number} permit {rack.paths}"
            yield f"route-policy from-{rack.name} permit node 10"
            yield f" if-match {'as-path-filter' if self.huawei else 'as-path'} {number}"
            yield "#"
        yield f"bgp {switch.asn}"
        if switch.router_id:
            yield f" router-id {switch.router_id}"
        for one in switch.neighbours:
            yield f" peer {one.address} as-number {one.asn}"
            yield f" peer {one.address} description {one.name}"
            if self.password and one.rack is not None:
                yield f" peer {one.address} password {'cipher' if self.huawei else 'simple'} {self.password}"
        for kind in _FAMILIES:
            yield from self._family(switch, kind)
        yield "#"

    def _family(self, switch: Switch, kind: Family) -> Iterator[str]:
        peers = [one for one in switch.neighbours if family(one.address) == kind]
        networks = [ipaddress.ip_network(one) for one in switch.networks if family(one) == kind]
        if not peers and not networks:
            return
        yield f" {kind}-family unicast" if self.huawei else f" address-family {kind} unicast"
        yield f"  {'maximum load-balancing' if self.huawei else 'balance'} 8"
        yield from (f"  network {one.network_address} {one.prefixlen}" for one in networks)
        for peer in peers:
            yield f"  peer {peer.address} enable"
            if peer.rack is not None:
                yield f"  peer {peer.address} route-policy {policy(peer)} import"
