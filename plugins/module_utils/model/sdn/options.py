# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of zones, vnets and their kin: how each is written, and when two spellings mean the same."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union

from ...engine.errors import Invalid

#: ``nodes`` and ``words`` are sets of names; ``route targets`` and interfaces by name are words, too.
Form = Literal["text", "number", "flag", "words", "address", "addresses", "network", "ranges", "mac", "interfaces"]
#: One spelling of what a value means. A list is a set, written in order.
Meaning = Union[str, int, bool, tuple[str, ...]]
#: As the API takes it; a tuple is a parameter that is repeated.
Spelled = Union[str, int, bool, tuple[str, ...]]
LISTS = ("words", "addresses", "ranges", "interfaces")
_RANGE = ("start-address", "end-address")


@dataclass(frozen=True)
class Option:
    """``default``: what it means when it is not there. ``secret``: its value is shown nowhere."""

    form: Form = "text"
    required: bool = False
    default: Union[str, int, bool, None] = None
    secret: bool = False


_TEXT, _NUMBER, _FLAG = Option(), Option("number"), Option("flag", default=False)
_WORDS, _ADDRESSES, _NETWORK = Option("words"), Option("addresses"), Option("network")
_ZONE = {
    "nodes": _WORDS,
    "mtu": _NUMBER,
    "ipam": _TEXT,
    "dns": _TEXT,
    "reversedns": _TEXT,
    "dnszone": _TEXT,
}
_BRIDGED = {"bridge": Option(required=True), "bridge-disable-mac-learning": _FLAG}
_VXLAN = {"vxlan-port": Option("number", default=4789)}
ZONES: Mapping[str, Mapping[str, Option]] = {
    "simple": {**_ZONE, "dhcp": _TEXT},
    "vlan": {**_ZONE, **_BRIDGED},
    "qinq": {
        **_ZONE,
        **_BRIDGED,
        "tag": Option("number", required=True),
        "vlan-protocol": Option(default="802.1q"),
    },
    "vxlan": {**_ZONE, **_VXLAN, "peers": _ADDRESSES, "fabric": _TEXT},
    "evpn": {
        **_ZONE,
        **_VXLAN,
        "controller": Option(required=True),
        "vrf-vxlan": Option("number", required=True),
        "exitnodes": _WORDS,
        "exitnodes-primary": _TEXT,
        "exitnodes-local-routing": _FLAG,
        "advertise-subnets": _FLAG,
        "disable-arp-nd-suppression": _FLAG,
        "bridge-disable-mac-learning": _FLAG,
        "rt-import": _WORDS,
        "mac": Option("mac"),
    },
}
VNET: Mapping[str, Option] = {
    "zone": Option(required=True),
    "tag": _NUMBER,
    "alias": _TEXT,
    "vlanaware": _FLAG,
    "isolate-ports": _FLAG,
}
SUBNET: Mapping[str, Option] = {
    "gateway": Option("address"),
    "snat": _FLAG,
    "dnszoneprefix": _TEXT,
    "dhcp-range": Option("ranges"),
    "dhcp-dns-server": Option("address"),
}
CONTROLLERS: Mapping[str, Mapping[str, Option]] = {
    "evpn": {"asn": Option("number", required=True), "peers": _ADDRESSES, "fabric": _TEXT},
    "bgp": {
        "node": Option(required=True),
        "asn": Option("number", required=True),
        "peers": Option("addresses", required=True),
        "ebgp": _FLAG,
        "ebgp-multihop": _NUMBER,
        "loopback": _TEXT,
        "bgp-multipath-as-path-relax": _FLAG,
    },
    "isis": {
        "node": Option(required=True),
        "isis-domain": Option(required=True),
        "isis-net": Option(required=True),
        "isis-ifaces": Option("words", required=True),
        "loopback": _TEXT,
    },
}
IPAMS: Mapping[str, Mapping[str, Option]] = {
    "pve": {},
    "netbox": {"url": Option(required=True), "token": Option(required=True, secret=True), "fingerprint": _TEXT},
    "phpipam": {
        "url": Option(required=True),
        "token": Option(required=True, secret=True),
        "section": Option("number", required=True),
        "fingerprint": _TEXT,
    },
}
FABRICS: Mapping[str, Mapping[str, Option]] = {
    "openfabric": {
        "ip_prefix": _NETWORK,
        "ip6_prefix": _NETWORK,
        "hello_interval": _NUMBER,
        "csnp_interval": _NUMBER,
    },
    "ospf": {"ip_prefix": _NETWORK, "ip6_prefix": _NETWORK, "area": Option(required=True)},
}
FABRIC_NODE: Mapping[str, Option] = {
    "ip": Option("address"),
    "ip6": Option("address"),
    "interfaces": Option("interfaces"),
}


def meaning(option: Option, value: Any) -> Meaning:
    """What a value means, as the API gives it or as somebody declares it; what cannot be read is kept as it is."""
    form = option.form
    if form == "flag":
        return bool(int(value)) if str(value).isdigit() else bool(value)
    if form == "number":
        return int(value)
    if form in LISTS:
        return tuple(sorted(set(_items(form, value))))
    if form in ("address", "network"):
        return _network(str(value)) if form == "network" else _address(str(value))
    return str(value).lower() if form == "mac" else str(value)


def meanings(known: Mapping[str, Option], values: Mapping[str, Any]) -> dict[str, Meaning]:
    """Of the options that are known here, without those that say nothing or what is the default."""
    read = {name: meaning(known[name], value) for name, value in values.items() if name in known and value is not None}
    return {name: value for name, value in read.items() if not is_default(known[name], value)}


def is_default(option: Option, value: Meaning) -> bool:
    return value in ("", ()) or (option.default is not None and value == option.default)


def spelled(option: Option, value: Meaning) -> Spelled:
    if option.form == "ranges" and isinstance(value, tuple):
        return tuple(",".join(f"{key}={end}" for key, end in zip(_RANGE, one.split("-"))) for one in value)
    if option.form == "interfaces":
        return value
    return ",".join(value) if isinstance(value, tuple) else value


def _items(form: Form, value: Any) -> Iterable[str]:
    if form == "ranges":
        return [_range(one) for one in ([value] if isinstance(value, (str, dict)) else value)]
    if form == "interfaces":
        return [_interface(one) for one in ([value] if isinstance(value, (str, dict)) else value)]
    if isinstance(value, Mapping):
        value = list(value)
    words = value.replace(";", ",").replace(" ", ",").split(",") if isinstance(value, str) else value
    found = [str(word).strip() for word in words if str(word).strip()]
    return [_address(word) for word in found] if form == "addresses" else found


def _pairs(value: Union[str, Mapping[str, Any]]) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {key: str(one) for key, one in value.items() if one is not None}
    return dict(part.strip().partition("=")[::2] for part in value.split(",") if part.strip())


def _range(value: Union[str, Mapping[str, Any]]) -> str:
    """START-END, as people write it, or as the API does."""
    if isinstance(value, str) and "=" not in value:
        start, dash, end = value.partition("-")
        if not dash:
            raise Invalid(f"{value!r} is no range of addresses.", "Write it as 10.0.0.100-10.0.0.200.")
    else:
        start, end = (_pairs(value)[key] for key in _RANGE)
    return f"{_address(start.strip())}-{_address(end.strip())}"


def _interface(value: Union[str, Mapping[str, Any]]) -> str:
    """The name first, then what is said of it."""
    pairs = _pairs(value)
    rest = sorted((key, one) for key, one in pairs.items() if key != "name")
    return ",".join(f"{key}={one}" for key, one in (("name", pairs["name"]), *rest))


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text
