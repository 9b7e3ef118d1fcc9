"""What the fabric in memory is made of: switches, selectors, families of addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .bgp import Speaker


@dataclass(frozen=True)
class Switch:
    """``neighbours``: address → AS. ``network``: of the rack; empty for a spine."""

    name: str
    asn: int
    addresses: tuple[str, ...]
    neighbours: Mapping[str, int]
    network: str = ""
    network6: str = ""


def chosen(labels: Mapping[str, str], selector: str) -> bool:
    """Whether a node with these labels is meant."""
    if " && " in selector:
        return all(chosen(labels, part) for part in selector.split(" && "))
    if selector.startswith("!"):
        return not chosen(labels, selector[1:])
    if selector == "all()":
        return True
    if found := re.fullmatch(r"has\((.+)\)", selector):
        return found.group(1) in labels
    key, dummy, value = selector.partition(" == ")
    return labels.get(key) == value.strip("'")


def family_of(address: str) -> str:
    """As Calico's fields are called."""
    return "V6" if ":" in address else "V4"


def of_family(speaker: Speaker, family: str) -> Speaker:
    def own(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(one for one in values if family_of(one) == family)

    pools, network = own(speaker.pools), speaker.network if family == "V4" else speaker.network6
    return replace(speaker, addresses=own(speaker.addresses), own=own(speaker.own), pools=pools, network=network)


def kept(pod: Mapping[str, Any]) -> bool:
    return any(owner["kind"] == "DaemonSet" for owner in pod["metadata"]["ownerReferences"])


def merge(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """RFC 7386."""
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, Mapping):
            inner = target.setdefault(key, {})
            merge(inner, value)
        else:
            target[key] = value


def rack(name: str, asn: int, number: int, nodes: Mapping[str, int], spine: tuple[str, int]) -> Switch:
    """A leaf whose networks are 172.20.NUMBER.0/24 and fd00:20:NUMBER::/64, at a spine with this address and AS."""
    uplink = str(ipaddress.ip_address(spine[0]) + 1)
    uplink6 = f"fd00:100:{number}::2"
    addresses = (f"172.20.{number}.254", uplink, f"fd00:20:{number}::fe", uplink6)
    above = {spine[0]: spine[1], f"fd00:100:{number}::1": spine[1]}
    return Switch(name, asn, addresses, {**nodes, **above}, f"172.20.{number}.0/24", f"fd00:20:{number}::/64")
