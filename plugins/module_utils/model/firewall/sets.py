# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sets of addresses as the kernel takes them.

Upstream tells entries apart as they are written, and the kernel by what they mean: where two are one network, or one is
everything, the kernel refuses the set, and then upstream applies nothing at all, without a word.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from ..node.host import IPNetwork
from .files import Alias, IpSet

#: The set to which upstream adds the node's own network, by this alias where nobody has set it.
MANAGEMENT, LOCAL = "management", "local_network"
Networks = tuple[IPNetwork, ...]


@dataclass(frozen=True)
class SetFault:
    """``second``: the entry that is the same network as the first; empty where the first is everything."""

    name: str
    first: str
    second: str = ""

    def __str__(self) -> str:
        if self.second:
            return f"The set {self.name} holds one network twice: {self.first} and {self.second}."
        return f"The set {self.name} holds {self.first}, which is a zero prefix: everything."


def network_of(text: str, aliases: Mapping[str, Alias]) -> Optional[IPNetwork]:
    """Of an address, a network or an alias; None for one that nobody knows."""
    alias = aliases.get(text.lower().replace("dc/", ""))
    try:
        return ipaddress.ip_network(alias.cidr if alias else text, strict=False)
    except ValueError:
        return None


def networks_of(ipset: IpSet, aliases: Mapping[str, Alias]) -> Optional[Networks]:
    """Without its exceptions; None where an entry names an alias that there is not."""
    found = [network_of(entry.cidr, aliases) for entry in ipset.entries if not entry.nomatch]
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else None


def set_faults(ipset: IpSet, aliases: Mapping[str, Alias], local: Iterable[str] = ()) -> Iterator[SetFault]:
    """``local``: the networks of the nodes, which upstream adds to the management set."""
    seen: dict[IPNetwork, str] = {}
    own = list(dict.fromkeys(local)) if ipset.name == MANAGEMENT and LOCAL not in aliases else []
    for entry in ipset.entries:
        network = network_of(entry.cidr, aliases)
        if network is None:
            continue
        told = (
            entry.cidr
            if entry.cidr[0].isdigit() or ":" in entry.cidr
            else f"{entry.cidr} {network_text(entry.cidr, aliases)}"
        )
        if network.prefixlen == 0:
            yield SetFault(ipset.name, told)
        elif network in seen:
            yield SetFault(ipset.name, seen[network], told)
        seen.setdefault(network, told)
    for text in own:
        network = ipaddress.ip_network(text)
        if network in seen and seen[network] != text:
            yield SetFault(ipset.name, seen[network], f"{LOCAL} {text}")


def network_text(name: str, aliases: Mapping[str, Alias]) -> str:
    """As the alias says it."""
    alias = aliases.get(name.lower().replace("dc/", ""))
    return alias.cidr if alias else ""
