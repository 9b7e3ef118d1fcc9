# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stanzas → interfaces: what the options of an interface mean, in whatever spelling they stand."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import Optional, get_args

from . import hooks
from .interface import (
    Bond,
    Bridge,
    Gateway,
    Hook,
    Interface,
    IPAddress,
    IPInterface,
    Kind,
    Ovs,
    OvsType,
    Route,
    Vlan,
)
from .reading import Reading
from .statements import Class, Option, Stanza
from .values import BOND_MODES

_VLAN = re.compile(r"(\S+)\.(\d+)")
_TAG = re.compile(r"vlan(\d+)")
_OVS_TAG = re.compile(r"(?:^|\s)tag=(\d+)")
_PATTERN = ("glob", "regex")
_YES = ("yes", "on", "1", "true")
_OVS: dict[str, Kind] = {
    "OVSBridge": "ovs_bridge",
    "OVSBond": "ovs_bond",
    "OVSPort": "ovs_port",
    "OVSIntPort": "ovs_port",
}


def interfaces(reading: Reading) -> dict[str, Interface]:
    """All that have a stanza, or are brought up. Members that name their bond count where the program hears them."""
    told = _members_by_themselves(reading) if not reading.program.startswith("ifupdown2") else {}
    listed = [one.statement for one in reading.placed if isinstance(one.statement, Class)]
    automatic = [name for one in listed if one.name in ("auto", "hotplug") for name in one.interfaces]
    names = dict.fromkeys((*reading.names, *((name for name in automatic) if not reading.broken else ())))
    return {name: _interface(reading, name, told.get(name, ())) for name in names}


def _members_by_themselves(reading: Reading) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in reading.names:
        for stanza in reading.stanzas(name):
            bond = stanza.value("bond-master", "bond_master")
            if bond and name not in found.get(bond, ()):
                found[bond] = (*found.get(bond, ()), name)
    return found


def _interface(reading: Reading, name: str, told: tuple[str, ...]) -> Interface:
    stanzas = reading.stanzas(name)
    options = [option for stanza in stanzas for option in stanza.options]
    commands = tuple(Hook(option.name, option.value) for option in options if option.name in hooks.HOOKS)
    routes = [(hook, hooks.as_route(hook, name)) for hook in commands if hook.when in ("up", "post-up")]
    bond, vlan, bridge = _bond(name, options, told), _vlan(name, options), _bridge(options)
    mac = last(options, "hwaddress")
    return Interface(
        name,
        _kind(name, options, bond, vlan, bridge),
        auto=bool(stanzas) and reading.is_auto(name),
        addresses=tuple(address for stanza in stanzas for address in addresses_of(stanza)),
        gateways=tuple(gateway for stanza in stanzas for gateway in _gateways(stanza)),
        peers=tuple(peer for peer in (as_ip(value) for value in values(options, "pointopoint")) if peer),
        dhcp=tuple(dict.fromkeys(stanza.family for stanza in stanzas if stanza.method in ("dhcp", "auto"))),
        mtu=as_number(last(options, "mtu", "ovs_mtu", "ovs-mtu")),
        mac=(mac or "").removeprefix("ether ").lower(),
        bond=bond,
        vlan=vlan,
        bridge=bridge,
        ovs=_ovs(options),
        routes=tuple(route for dummy, route in routes if route),
        hooks=tuple(hook for hook in commands if (hook, None) in routes or hook.when not in ("up", "post-up")),
        dns=_words(options, "dns-nameservers", "dns-nameserver"),
        search=_words(options, "dns-search", "dns-domain"),
        places=reading.places(name),
        unreadable=tuple(_unreadable(stanzas)),
    )


def _unreadable(stanzas: Sequence[Stanza]) -> Iterator[str]:
    """A remark behind a value is part of it, for every program; only a shell takes it for one."""
    for stanza in stanzas:
        masks = stanza.values("netmask")
        for number, text in enumerate(stanza.values("address")):
            if _as_interface(text, masks[number : number + 1]) is None:
                yield f"address {text}"
        for name, understood in (("gateway", as_ip), ("pointopoint", as_ip), ("mtu", as_number), ("metric", as_number)):
            yield from (f"{name} {value}" for value in stanza.values(name) if understood(value) is None)


def _kind(
    name: str, options: Sequence[Option], bond: Optional[Bond], vlan: Optional[Vlan], bridge: Optional[Bridge]
) -> Kind:
    ovs = last(options, "ovs_type", "ovs-type")
    if ovs:
        return _OVS.get(ovs, "other")
    if name == "lo":
        return "loopback"
    if last(options, "vxlan-id", "link-type", "tunnel-mode", "vrf-table"):
        return "other"
    return "bridge" if bridge else "bond" if bond else "vlan" if vlan else "physical"


def values(options: Sequence[Option], *names: str) -> list[str]:
    return [option.value for option in options if option.name in names]


def last(options: Sequence[Option], *names: str) -> Optional[str]:
    found = values(options, *names)
    return found[-1].strip() if found else None


def _words(options: Sequence[Option], *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for value in values(options, *names) for word in value.split()))


def addresses_of(stanza: Stanza) -> Iterator[IPInterface]:
    """An address without a prefix has that of the netmask behind it, or is a host."""
    if stanza.method in ("dhcp", "manual", "auto") and stanza.family == "inet6" and not stanza.value("address"):
        return
    masks = stanza.values("netmask")
    for number, text in enumerate(stanza.values("address")):
        found = _as_interface(text, masks[number : number + 1])
        if found is not None:
            yield found


def _as_interface(text: str, mask: Sequence[str]) -> Optional[IPInterface]:
    try:
        return ipaddress.ip_interface(text if "/" in text or not mask else f"{text}/{mask[0]}")
    except ValueError:
        return None


def _gateways(stanza: Stanza) -> Iterator[Gateway]:
    metric = as_number(stanza.value("metric")) or 0
    for text in stanza.values("gateway"):
        ip = as_ip(text)
        if ip is not None:
            yield Gateway(ip, metric)


def as_ip(text: str) -> Optional[IPAddress]:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def as_number(text: Optional[str]) -> Optional[int]:
    return int(text) if text and text.strip().isdecimal() else None


def _bond(name: str, options: Sequence[Option], told: tuple[str, ...]) -> Optional[Bond]:
    written = _words(options, "bond-slaves", "bond_slaves", "bond-ports", "slaves")
    member = bool(values(options, "bond-master", "bond_master"))
    own = [option.name for option in options if option.name.replace("_", "-").startswith("bond-")]
    if last(options, "ovs_type", "ovs-type") or (member and not written) or not (written or own or told):
        return None
    mode, rate = last(options, "bond-mode", "bond_mode") or "", last(options, "bond-lacp-rate", "bond_lacp_rate") or ""
    return Bond(
        members=tuple(dict.fromkeys((*(word for word in written if word != "none"), *told))),
        mode=BOND_MODES[int(mode)] if mode.isdecimal() and int(mode) < len(BOND_MODES) else mode,
        miimon=as_number(last(options, "bond-miimon", "bond_miimon")),
        hash_policy=last(options, "bond-xmit-hash-policy", "bond_xmit_hash_policy") or "",
        lacp_rate={"1": "fast", "0": "slow"}.get(rate, rate),
        primary=last(options, "bond-primary", "bond_primary") or "",
    )


def _vlan(name: str, options: Sequence[Option]) -> Optional[Vlan]:
    below = last(options, "vlan-raw-device", "vlan_raw_device")
    if found := _VLAN.fullmatch(name):
        return Vlan(below or found[1], int(found[2]))
    if below is None:
        return None
    tag = as_number(last(options, "vlan-id", "vlan_id"))
    named = _TAG.fullmatch(name)
    return Vlan(below, tag if tag is not None else int(named[1]) if named else None)


def _ovs(options: Sequence[Option]) -> Optional[Ovs]:
    given = last(options, "ovs_type", "ovs-type")
    kind = next((one for one in get_args(OvsType) if one == given), None)
    if kind is None:
        return None
    told = last(options, "ovs_options", "ovs-options") or ""
    tag = _OVS_TAG.search(told)
    return Ovs(
        kind,
        _words(options, "ovs_ports", "ovs-ports"),
        last(options, "ovs_bridge", "ovs-bridge") or "",
        int(tag[1]) if tag else None,
        _OVS_TAG.sub("", told, count=1).strip(),
    )


def _bridge(options: Sequence[Option]) -> Optional[Bridge]:
    written = values(options, "bridge-ports", "bridge_ports")
    if not written:
        return None
    words = [word for value in written for word in value.split()]
    patterned = any(word in _PATTERN for word in words)
    ports = () if patterned else tuple(dict.fromkeys(word for word in words if word != "none"))
    aware = (last(options, "bridge-vlan-aware", "bridge_vlan_aware") or "").lower() in _YES
    vids = " ".join(values(options, "bridge-vids", "bridge_vids"))
    return Bridge(ports, aware, ranges(numbers(vids)) if aware else "", patterned)


def numbers(vids: str) -> tuple[int, ...]:
    """``2-4 7,9`` → 2 3 4 7 9."""
    found: set[int] = set()
    for word in re.split(r"[\s,;]+", vids.strip()):
        first, dash, end = word.partition("-")
        if first.isdecimal() and (end.isdecimal() or not dash):
            found.update(range(int(first), int(end or first) + 1))
    return tuple(sorted(found))


def ranges(tags: Sequence[int]) -> str:
    """The same set has one spelling."""
    parts: list[list[int]] = []
    for tag in sorted(tags):
        if parts and tag == parts[-1][1] + 1:
            parts[-1][1] = tag
        else:
            parts.append([tag, tag])
    return " ".join(str(first) if first == end else f"{first}-{end}" for first, end in parts)


def routes_of(interface: Interface) -> tuple[Route, ...]:
    """Its default routes as well."""
    default = {4: ipaddress.ip_network("0.0.0.0/0"), 6: ipaddress.ip_network("::/0")}
    gateways = (Route(default[gateway.ip.version], gateway.ip, gateway.metric) for gateway in interface.gateways)
    return (*gateways, *interface.routes)
