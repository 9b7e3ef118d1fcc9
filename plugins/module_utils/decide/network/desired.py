# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted network; what contradicts itself, whatever the node says, is invalid."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.network.interface import (
    Bond,
    Bridge,
    DesiredInterface,
    Gateway,
    IPInterface,
    Ovs,
    Route,
    Vlan,
)
from ...model.network.meaning import numbers, ranges
from ...model.network.network import DesiredNetwork
from ...model.network.target import Target
from ...model.network.values import ALL_VLANS, HASH_POLICIES, HASHING_MODES, LONGEST_NAME

_NAME = re.compile(r"[a-z][a-z0-9_]*([.]\d+)?", re.IGNORECASE)
_RESERVED = re.compile(r"lo|(fwbr|fwln|fwpr|tap|veth)\d.*|vmbr\d+v\d+")
_BOND = re.compile(r"bond\d+")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_PCI = re.compile(r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
_VIDS = re.compile(r"\d{1,4}(-\d{1,4})?", re.ASCII)
#: Options that are not of every type → the types that have them.
_OF_KIND = {
    **dict.fromkeys(("members", "mode", "miimon", "hash_policy", "lacp_rate", "primary"), ("bond",)),
    **dict.fromkeys(("below", "tag"), ("vlan", "ovs_port")),
    **dict.fromkeys(("vlan_aware", "vids"), ("bridge",)),
    "ports": ("bridge", "ovs_bridge"),
    "pci": ("physical",),
}


def desired_from(params: Mapping[str, Any]) -> DesiredNetwork:
    interfaces = tuple(_with_ovs_ports([_interface(given) for given in params["interfaces"]]))
    _check_used_once(interfaces)
    _check_addresses(interfaces)
    _check_gateways(interfaces)
    _check_sizes(interfaces)
    _check_tags(interfaces)
    targets = tuple(_target(given) for given in params.get("targets") or ())
    timeout = _within("the network", "timeout", params["timeout"], 20, 900)
    return DesiredNetwork(interfaces, params["allow_dhcp"], timeout or 0, targets)


def _target(given: Mapping[str, Any]) -> Target:
    try:
        ipaddress.ip_address(given["address"])
    except ValueError as error:
        raise Invalid(
            f"targets: {error}.", "Give addresses, not names: the change may take the resolver away."
        ) from error
    return Target(given["address"], given["what"], given.get("mtu") or 1500, given.get("source") or "")


def _interface(given: Mapping[str, Any]) -> DesiredInterface:
    name, kind = given["name"], given["type"]
    _check_name(name, kind)
    if given.get("state") == "absent":
        return DesiredInterface(name, kind, absent=True)
    for option, kinds in _OF_KIND.items():
        if kind not in kinds and given.get(option) is not None:
            raise Invalid(f"{name} is a {kind}: '{option}' is an option of a {kinds[0]}.", "Leave it out.")
    return DesiredInterface(
        name,
        kind,
        mac=_matching(name, "MAC", given.get("mac"), _MAC),
        pci=_matching(name, "PCI path", given.get("pci"), _PCI),
        auto=given.get("auto", True),
        addresses=_addresses(name, given.get("addresses")),
        gateways=_gateways(name, given),
        mtu=_within(name, "mtu", given.get("mtu"), 576, 65520),
        bond=_bond(name, given) if kind == "bond" else None,
        vlan=_vlan(name, given) if kind == "vlan" else None,
        bridge=_bridge(name, given) if kind == "bridge" else None,
        ovs=_ovs(name, kind, given) if kind.startswith("ovs_") else None,
        routes=_routes(name, given.get("routes")),
        comment=_comment(name, given.get("comment")),
        take_over=given.get("take_over") or "",
    )


def _check_name(name: str, kind: str) -> None:
    if len(name) > LONGEST_NAME:
        raise Invalid(f"The name {name} has {len(name)} characters; the kernel takes {LONGEST_NAME}.", "Shorten it.")
    if _RESERVED.fullmatch(name):
        raise Invalid(f"Proxmox VE uses names such as {name} itself.", "Choose another name, such as vmbr1.")
    if kind != "physical" and not _NAME.fullmatch(name):
        raise Invalid(
            f"{name} is no name that Proxmox VE takes for a {kind}.", "Use a letter, then letters and digits."
        )
    if kind == "bond" and not _BOND.fullmatch(name):
        raise Invalid(f"Proxmox VE takes {name} for no bond: it knows them by their name.", "Call it bond0 or bond1.")


def _matching(name: str, what: str, value: Optional[str], pattern: re.Pattern[str]) -> str:
    if value is not None and not pattern.fullmatch(value.lower()):
        raise Invalid(f"{name}: {value!r} is no {what}.", "Write it as the node shows it.")
    return (value or "").lower()


def _within(name: str, what: str, value: Optional[int], least: int, most: int) -> Optional[int]:
    if value is not None and not least <= value <= most:
        raise Invalid(f"{name}: {what} {value} is not between {least} and {most}.", "Correct it, or leave it out.")
    return value


def _comment(name: str, text: Optional[str]) -> Optional[str]:
    if text is not None and set(text) & set("\n\r\\"):
        raise Invalid(f"{name}: a comment has one line, and no backslash: it would continue.", "Write it otherwise.")
    return text


def _addresses(name: str, given: Optional[Sequence[str]]) -> Optional[tuple[IPInterface, ...]]:
    if given is None:
        return None
    found = []
    for text in given:
        if "/" not in text:
            raise Invalid(f"{name}: {text} has no length of its network.", "Write it as in 192.0.2.11/24.")
        try:
            found.append(ipaddress.ip_interface(text))
        except ValueError as error:
            raise Invalid(f"{name}: {error}.", "Write it as in 192.0.2.11/24.") from error
    return tuple(found)


def _gateways(name: str, given: Mapping[str, Any]) -> Optional[tuple[Gateway, ...]]:
    found = []
    metric = _within(name, "metric", given.get("metric"), 0, 2**32 - 1) or 0
    for key, version in (("gateway", 4), ("gateway6", 6)):
        if given.get(key) is None:
            continue
        try:
            ip = ipaddress.ip_address(given[key])
        except ValueError as error:
            raise Invalid(f"{name}: {key}: {error}.") from error
        if ip.version != version:
            raise Invalid(f"{name}: {ip} is of IPv{ip.version}.", "gateway is for IPv4, and gateway6 for IPv6.")
        found.append(Gateway(ip, metric))
    return tuple(found) or None


def _routes(name: str, given: Optional[Sequence[Mapping[str, Any]]]) -> Optional[tuple[Route, ...]]:
    if given is None:
        return None
    try:
        return tuple(
            Route(
                ipaddress.ip_network(route["to"]),
                ipaddress.ip_address(route["via"]) if route.get("via") else None,
                route.get("metric") or 0,
            )
            for route in given
        )
    except ValueError as error:
        raise Invalid(f"{name}: a route: {error}.", "Write networks without host bits, as in 10.50.0.0/16.") from error


def _bond(name: str, given: Mapping[str, Any]) -> Bond:
    mode, members = given.get("mode") or "active-backup", tuple(given.get("members") or ())
    policy, primary = given.get("hash_policy") or "", given.get("primary") or ""
    if not members:
        raise Invalid(f"{name} has no members.", "Name the ports that it joins.")
    if policy and (mode not in HASHING_MODES or policy not in HASH_POLICIES):
        raise Invalid(f"{name}: a bond of mode {mode} has no use for {policy}.", "Leave out hash_policy.")
    if given.get("lacp_rate") and mode != "802.3ad":
        raise Invalid(f"{name}: only mode 802.3ad speaks LACP, not {mode}.", "Leave out lacp_rate.")
    if primary and (mode != "active-backup" or primary not in members):
        raise Invalid(f"{name}: {primary} cannot be primary.", "One member is that, in mode active-backup.")
    return Bond(members, mode, given.get("miimon"), policy, given.get("lacp_rate") or "", primary)


def _vlan(name: str, given: Mapping[str, Any]) -> Vlan:
    below, tag = given.get("below"), given.get("tag")
    parent, dot, number = name.rpartition(".")
    if dot:
        if (below or parent) != parent or (tag or int(number)) != int(number):
            raise Invalid(f"{name} says by its name what it stands on and its tag; below or tag say something else.")
        below, tag = parent, int(number)
    if not below or tag is None:
        raise Invalid(f"{name}: what it stands on or its tag is missing.", "Give below and tag, or a name as eno1.40.")
    _within(name, "tag", tag, 1, 4094)
    return Vlan(below, tag)


def _bridge(name: str, given: Mapping[str, Any]) -> Bridge:
    aware, vids = bool(given.get("vlan_aware")), given.get("vids")
    if vids is not None and not aware:
        raise Invalid(f"{name}: vids are for a bridge that knows of VLANs.", "Set vlan_aware, or leave out vids.")
    words = re.split(r"[\s,;]+", vids.strip()) if vids else [ALL_VLANS]
    known = all(_VIDS.fullmatch(word) and numbers(word) for word in words)
    tags = numbers(" ".join(words)) if aware and known else ()
    if aware and (not tags or tags[0] < 1 or tags[-1] > 4094):
        raise Invalid(f"{name}: {vids!r} are no tags between 1 and 4094.", "Write them as in 2-100 200.")
    return Bridge(tuple(given.get("ports") or ()), aware, ranges(tags))


def _ovs(name: str, kind: str, given: Mapping[str, Any]) -> Ovs:
    """What is declared as a port is an internal one; devices are named by their bridge."""
    if kind == "ovs_bridge":
        return Ovs("OVSBridge", tuple(given.get("ports") or ()))
    if not given.get("below"):
        raise Invalid(f"{name}: the bridge of Open vSwitch is missing.", "Give it as below.")
    return Ovs("OVSIntPort", bridge=given["below"], tag=_within(name, "tag", given.get("tag"), 1, 4094))


def _with_ovs_ports(interfaces: Sequence[DesiredInterface]) -> Iterator[DesiredInterface]:
    """Both ends tell of each other: a bridge names its ports, and a port its bridge."""
    inner = {one.name: one.ovs.bridge for one in interfaces if one.ovs and one.ovs.type == "OVSIntPort"}
    bridges = {one.name: one.ovs for one in interfaces if one.ovs and one.ovs.type == "OVSBridge"}
    devices = {port: name for name, ovs in bridges.items() for port in ovs.ports if port not in inner}
    for one in interfaces:
        if one.name in devices and one.kind == "physical":
            yield replace(one, kind="ovs_port", ovs=Ovs("OVSPort", bridge=devices[one.name]))
        elif one.name in bridges:
            own = [port for port, name in inner.items() if name == one.name]
            ports = tuple(dict.fromkeys((*bridges[one.name].ports, *own)))
            yield replace(one, ovs=Ovs("OVSBridge", ports))
        else:
            yield one
    declared = {one.name for one in interfaces}
    for port, name in devices.items():
        if port not in declared:
            yield DesiredInterface(port, "ovs_port", ovs=Ovs("OVSPort", bridge=name))


def _check_used_once(interfaces: tuple[DesiredInterface, ...]) -> None:
    names = [one.name for one in interfaces]
    user: dict[str, str] = {}
    for one in interfaces:
        if names.count(one.name) > 1:
            raise Invalid(f"{one.name} is declared twice.", "Declare it once.")
        for lower in one.lower if one.kind != "vlan" else ():
            other = user.setdefault(lower, one.name)
            if other != one.name or one.lower.count(lower) > 1:
                raise Invalid(f"{lower} is in {other} and in {one.name}.", "A port is in one bond or bridge.")
        if one.name in one.lower:
            raise Invalid(f"{one.name} stands on itself.")


def _check_addresses(interfaces: tuple[DesiredInterface, ...]) -> None:
    owner: dict[object, str] = {}
    lower = {port: one.name for one in interfaces if one.kind in ("bridge", "bond") for port in one.lower}
    lower.update({one.name: one.ovs.bridge for one in interfaces if one.ovs and one.ovs.type == "OVSPort"})
    for one in interfaces:
        for address in one.addresses or ():
            other = owner.setdefault(address.ip, one.name)
            if other != one.name or list(one.addresses or ()).count(address) > 1:
                raise Invalid(f"{address.ip} is declared for {other} and again for {one.name}.", "It has one place.")
        if one.name in lower and (one.addresses or one.gateways):
            raise Invalid(
                f"{one.name} is a port of {lower[one.name]} and would have an address of its own.",
                f"Give the address to {lower[one.name]}.",
            )


def _check_gateways(interfaces: tuple[DesiredInterface, ...]) -> None:
    """ifupdown2 sets the first of two with one metric, passes over the second without a word, and ends with 0."""
    known: dict[tuple[int, int], str] = {}
    for one in interfaces:
        for gateway in one.gateways or ():
            other = known.setdefault((gateway.ip.version, gateway.metric), one.name)
            if other != one.name:
                raise Invalid(
                    f"{other} and {one.name} have two gateways with the same metric ({gateway.metric}).",
                    "Give the spare one a higher metric.",
                )


def _check_sizes(interfaces: tuple[DesiredInterface, ...]) -> None:
    by_name = {one.name: one for one in interfaces}
    for one in interfaces:
        for lower in one.lower:
            below = by_name.get(lower)
            if below and one.mtu and below.mtu and one.mtu > below.mtu:
                raise Invalid(
                    f"{one.name}: its MTU {one.mtu} is larger than the {below.mtu} of {lower}, on which it stands.",
                    f"Give {lower} at least as much.",
                )


def _check_tags(interfaces: tuple[DesiredInterface, ...]) -> None:
    """A VLAN interface on a port takes its tag before the bridge sees it, so no guest of the bridge ever does."""
    aware = {port: one.name for one in interfaces if one.bridge and one.bridge.vlan_aware for port in one.lower}
    for one in interfaces:
        if one.vlan and one.vlan.below in aware:
            raise Invalid(
                f"{one.name} takes VLAN {one.vlan.tag} from {one.vlan.below}, a port of the VLAN-aware"
                f" {aware[one.vlan.below]}: its guests would never see it.",
                f"Put the VLAN on the bridge: {aware[one.vlan.below]}.{one.vlan.tag}.",
            )
