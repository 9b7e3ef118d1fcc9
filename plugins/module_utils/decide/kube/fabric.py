# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a declared fabric, whatever the cluster and the switches say. Everything is told at once."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.kube.fabric import (
    FULL_MESH,
    ROUTE_REFLECTOR,
    Fabric,
    Group,
    Leaf,
    Member,
    SecretKey,
    Spine,
    as_number,
    bare,
    family,
    network,
    within,
)

_WORDS = {"ipv4": "IPv4", "ipv6": "IPv6"}

#: An AS number in a BGPPeer or the BGPConfiguration is a signed number of 32 bits; only nodes may have larger ones.
_LARGEST_IN_OBJECTS = 2147483647
_RESERVED = frozenset((0, 23456, 65535, 4294967295))
_LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_NODE = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
#: BIRD takes a router id for a host's address.
_HIGHEST_ROUTER_ID = ipaddress.IPv4Address("223.255.255.255")


def fabric_from(said: Mapping[str, Any]) -> Fabric:
    """The declared fabric; raises Invalid with everything that contradicts itself."""
    try:
        return _fabric(said)
    except KeyError as error:
        raise Invalid(f"The fabric lacks {error.args[0]}, or one of its parts does.", "Nothing was done.") from error


def _fabric(said: Mapping[str, Any]) -> Fabric:
    problems: list[str] = []
    secret = said.get("password_secret")
    prefixes = said.get("service_prefixes")
    fabric = Fabric(
        topology=said["topology"],
        groups=tuple(_group(one, problems) for one in said["groups"]),
        leaves=tuple(_leaf(one, problems) for one in said.get("leaves") or ()),
        spines=tuple(_spine(one, problems) for one in said.get("spines") or ()),
        service_prefixes=None
        if prefixes is None
        else tuple(_prefix(one, "service_prefixes", problems) for one in prefixes),
        asn=_as(said["asn"], "asn", problems) if said.get("asn") else None,
        password=SecretKey(secret["name"], secret.get("entry") or "password") if secret else None,
        group_label=said.get("group_label") or "rr-group",
        reflector_label=said.get("reflector_label") or "rr-id",
        single_reflector_ok=bool(said.get("single_reflector_ok")),
    )
    problems += _names(fabric)
    problems += _addresses(fabric)
    problems += _as_numbers(fabric)
    problems += _reflectors(fabric)
    problems += _ways(fabric)
    if problems:
        raise Invalid(" ".join(dict.fromkeys(problems)), "Nothing was done.")
    return fabric


def fabric_warnings(fabric: Fabric) -> Iterator[str]:
    """What can be meant so, and rarely is."""
    for place, address in (*_node_addresses(fabric), *_leaf_addresses(fabric)):
        if not ipaddress.ip_address(address).is_private and not within(address, _SHARED):
            yield f"{address} of {place} is a public address: it belongs to somebody in the internet."
    for group in fabric.groups:
        count = len(group.members)
        if fabric.topology == ROUTE_REFLECTOR and 1 < count <= 3 and len(group.reflectors) == 2:
            yield f"{group.name} has {count} nodes: reflectors save no session there yet, and are right as it grows."
        if fabric.topology == FULL_MESH and len(fabric.members) > 100:
            yield "A full mesh of more than 100 nodes has thousands of sessions: route reflectors are for that."
            return


_SHARED = "100.64.0.0/10"


def _group(said: Mapping[str, Any], problems: list[str]) -> Group:
    name, addresses, second = said["name"], said.get("addresses") or {}, said.get("addresses6") or {}
    reflectors, identities = said.get("reflectors") or [], said.get("cluster_ids") or {}
    members = said["members"]
    problems += [f"{name}: {one} is a reflector and no member." for one in reflectors if one not in members]
    problems += [
        f"{name}: {one} has an address and is no member." for one in {**addresses, **second} if one not in members
    ]
    problems += [f"{name}: {one} has a cluster id and is no reflector." for one in identities if one not in reflectors]
    problems += [
        f"{name}: the address of {one} is missing." for one in members if not addresses.get(one, second.get(one))
    ]
    problems += [f"{name}: {one} is listed twice." for one in _repeated(members)]
    found = tuple(
        Member(
            one,
            _plain(addresses.get(one)),
            one in reflectors,
            str(identities.get(one, "")),
            _plain(second.get(one)),
        )
        for one in dict.fromkeys(members)
    )
    allowed = int(said.get("own_as_allowed") or 0)
    return Group(name, _as(said["asn"], name, problems), found, said.get("leaf") or "", allowed)


def _leaf(said: Mapping[str, Any], problems: list[str]) -> Leaf:
    name, asn = said["name"], _as(said["asn"], said["name"], problems)
    first, second = _plain(said.get("address")), _plain(said.get("address6"))
    if not first and not second:
        problems.append(f"{name}: its address is missing.")
    networks = tuple(_prefix(one, name, problems) for one in said.get("networks") or ())
    return Leaf(name, asn, first, said.get("router_id") or "", bool(said.get("ibgp")), second, networks)


def _spine(said: Mapping[str, Any], problems: list[str]) -> Spine:
    links = {link["leaf"]: tuple(_cable(link, said["name"], problems)) for link in said.get("links") or ()}
    return Spine(said["name"], _as(said["asn"], said["name"], problems), links)


def _cable(said: Mapping[str, Any], spine: str, problems: list[str]) -> Iterator[tuple[str, str]]:
    """The addresses of both ends, in each family."""
    yield _plain(said["address"]), _plain(said["leaf_address"])
    second = _plain(said.get("address6")), _plain(said.get("leaf_address6"))
    if all(second):
        yield second
    elif any(second):
        problems.append(f"{spine}: the IPv6 address of one end of the cable to {said['leaf']} is missing.")


def _plain(said: object) -> str:
    """An address in the spelling in which Calico has it, without a length; what is none as it is said."""
    text = bare(str(said or ""))
    found = _address(text)
    return text if found is None else str(found)


def _as(said: object, place: str, problems: list[str]) -> int:
    number = as_number(said)
    if number is None or number > 4294967295 or number in _RESERVED:
        problems.append(f"{place}: {said} is no AS number that can be used.")
        return 0
    return number


def _prefix(said: str, place: str, problems: list[str]) -> str:
    try:
        if str(ipaddress.ip_network(said, strict=False).network_address) != bare(said):
            problems.append(f"{place}: {said} has bits behind its prefix; {network(said)} is meant, or not.")
        return network(said)
    except ValueError:
        problems.append(f"{place}: {said} is no prefix.")
        return said


def _repeated(values: Iterable[Any]) -> list[Any]:
    """Each one that is there more than once."""
    return [value for value, times in Counter(values).items() if times > 1]


def _names(fabric: Fabric) -> Iterator[str]:
    everybody = [member.name for group in fabric.groups for member in group.members]
    yield from (f"{one} is in two groups." for one in _repeated(everybody))
    yield from (f"{one} is no name of a node." for one in everybody if not _NODE.fullmatch(one))
    switches = [leaf.name for leaf in fabric.leaves] + [spine.name for spine in fabric.spines]
    for kind, names in (("groups", [group.name for group in fabric.groups]), ("switches", switches)):
        yield from (f"Two {kind} are called {one}." for one in _repeated(names))
    yield from (
        f"{one.name} cannot be the value of a label." for one in fabric.groups if not _LABEL.fullmatch(one.name)
    )
    for key in (fabric.group_label, fabric.reflector_label):
        if not _KEY.fullmatch(key):
            yield f"{key} is no key of a label."
    if fabric.group_label == fabric.reflector_label:
        yield f"{fabric.group_label} cannot choose members and reflectors alike."
    known = {leaf.name for leaf in fabric.leaves}
    yield from (f"{one.name}: there is no leaf {one.leaf}." for one in fabric.groups if one.leaf not in {"", *known})
    for spine in fabric.spines:
        yield from (f"{spine.name}: there is no leaf {one}." for one in spine.links if one not in known)


def _node_addresses(fabric: Fabric) -> list[tuple[str, str]]:
    members = [member for group in fabric.groups for member in group.members]
    return [(member.name, address) for member in members for address in member.addresses]


def _leaf_addresses(fabric: Fabric) -> list[tuple[str, str]]:
    return [(leaf.name, address) for leaf in fabric.leaves for address in leaf.addresses]


def _addresses(fabric: Fabric) -> Iterator[str]:
    told = [*_node_addresses(fabric), *_leaf_addresses(fabric)]
    cables = [(spine.name, ends) for spine in fabric.spines for links in spine.links.values() for ends in links]
    told += [(name, one) for name, ends in cables for one in ends]
    for place, address in told:
        if _address(address) is None:
            yield f"{place}: {address} is no address."
    yield from _families(fabric)
    yield from (f"{one} is the address of two." for one in _repeated(address for dummy, address in told))
    routers = [(name, address) for name, address in _node_addresses(fabric) if family(address) == "ipv4"]
    routers += [(leaf.name, leaf.router_id) for leaf in fabric.leaves if leaf.router_id]
    for place, identity in routers:
        found = _address(identity)
        if isinstance(found, ipaddress.IPv4Address) and found > _HIGHEST_ROUTER_ID:
            yield f"{place}: {identity} is no router id; they end at {_HIGHEST_ROUTER_ID}."
    repeated = _repeated(identity for dummy, identity in routers)
    yield from (
        f"Two have the router id {one}: behind a reflector they would miss each other's routes." for one in repeated
    )


def _families(fabric: Fabric) -> Iterator[str]:
    """Each address stands where its family belongs."""
    members = [member for group in fabric.groups for member in group.members]
    told = [(one.name, one.address, one.address6) for one in members]
    told += [(one.name, one.address, one.address6) for one in fabric.leaves]
    for name, first, second in told:
        if family(first) != "ipv4" or (second and family(second) != "ipv6"):
            yield f"{name}: its IPv4 address and its IPv6 address are exchanged."


def _led_out(fabric: Fabric) -> Iterator[str]:
    """A leaf leads out every family that its nodes have."""
    for group in fabric.groups:
        leaf = fabric.leaf_of(group)
        led = {family(address) for address in leaf.addresses} if leaf is not None else set()
        for member in group.members:
            lacking = sorted({family(address) for address in member.addresses} - led)
            if leaf is not None and lacking:
                yield f"{leaf.name} has no {_WORDS[lacking[0]]} address, and {member.name} behind it has one."
                break


def _address(text: str) -> Optional[object]:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _as_numbers(fabric: Fabric) -> Iterator[str]:
    for place, number in (*((leaf.name, leaf.asn) for leaf in fabric.leaves), ("asn", fabric.asn or 1)):
        if number > _LARGEST_IN_OBJECTS:
            yield f"{place}: Calico's objects hold no AS number above {_LARGEST_IN_OBJECTS}; {number} is too large."


def _reflectors(fabric: Fabric) -> Iterator[str]:
    if fabric.topology != ROUTE_REFLECTOR:
        return
    owners: dict[str, str] = {}
    for group in fabric.groups:
        count = len(group.reflectors)
        if not count:
            yield f"{group.name} has no reflector."
        elif count == 1 and len(group.members) > 1 and not fabric.single_reflector_ok:
            yield (
                f"{group.name} has a single reflector: when it goes, so do all routes of the group."
                " Name a second one, or say single_reflector_ok."
            )
        for member in group.reflectors:
            identity = member.cluster_id or member.address
            if not isinstance(_address(identity), ipaddress.IPv4Address):
                told = identity or member.address6
                yield f"{member.name}: {told} is no cluster id; it is written as an IPv4 address."
            elif owners.setdefault(identity, group.name) != group.name:
                both = f"{owners[identity]} and {group.name}"
                yield f"{both} have the cluster id {identity}: they would refuse each other's routes."


def _ways(fabric: Fabric) -> Iterator[str]:
    """What keeps routes of one group from another one, however many sessions there are."""
    for one, other in _pairs(fabric.leaves):
        if one.asn == other.asn and not (one.ibgp and other.ibgp):
            yield (
                f"{one.name} and {other.name} have one AS, {one.asn}, and no iBGP between them: each takes the other's"
                " routes for its own, and drops them."
            )
    if fabric.topology == FULL_MESH:
        return
    if len(fabric.groups) > 1 or fabric.topology != ROUTE_REFLECTOR:
        yield from (f"{one.name} has no leaf: nothing leads out of it." for one in fabric.groups if not one.leaf)
    yield from _led_out(fabric)
    for group, second in _pairs(fabric.groups):
        apart = group.leaf != second.leaf
        if apart and group.asn == second.asn and not (group.own_as_allowed and second.own_as_allowed):
            yield (
                f"{group.name} and {second.name} have one AS, {group.asn}, behind two leaves, and no iBGP between them:"
                " each drops the other's routes. Give each its own AS, or say own_as_allowed: 1 for both."
            )


def _pairs(things: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    """Each with those of the same AS before it, once."""
    first: dict[int, Any] = {}
    for thing in things:
        if thing.asn in first:
            yield first[thing.asn], thing
        first.setdefault(thing.asn, thing)
