# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What containers that are no more have left on a node: rules for ports of the host, and addresses.

A rule of portmap names its container in a comment. Of two for one port the older stands first, and wins.
Upstream: containernetworking/plugins, portmap (iptables and nftables) and host-local.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

_DNAT = re.compile(
    r"^-A CNI-HOSTPORT-DNAT (?:-d (?P<host>\S+) )?-p (?P<protocol>\w+) .*"
    r'--comment "(?P<comment>(?:[^"\\]|\\.)*)".* --dports (?P<ports>\S+) -j (?P<chain>\S+)$'
)
_ID = re.compile(r'id: \\"(?P<id>.*?)\\"')
_TARGET = re.compile(
    r"^-A (?P<chain>CNI-DN-\S+) (?:-d (?P<host>\S+) )?-p (?P<protocol>\w+) .*--dport (?P<port>\d+) "
    r"-j DNAT --to-destination (?P<to>\S+)$"
)
_NFT = re.compile(
    r"^\s*(?:ip6? daddr (?P<host>\S+) )?(?P<protocol>tcp|udp|sctp) dport (?P<port>\d+) dnat to (?P<to>\S+)"
    r' comment "(?P<id>[^"]+)"$'
)


@dataclass(frozen=True)
class Port:
    """A port of the host; without ``host`` of all its addresses."""

    protocol: str
    number: int
    host: str = ""

    def __str__(self) -> str:
        return f"{self.host + ' ' if self.host else ''}{self.protocol}/{self.number}"

    def meets(self, other: Port) -> bool:
        """Whether packets for one are packets for the other."""
        same = (self.protocol, self.number) == (other.protocol, other.number)
        return same and (not self.host or not other.host or self.host == other.host)


@dataclass(frozen=True)
class PortRule:
    port: Port
    container: str
    to: str = ""


@dataclass(frozen=True)
class Allocation:
    """An address that host-local has given. ``ifname`` is empty where an older plugin has noted none."""

    address: str
    container: str
    ifname: str


def port_rules(saved: str) -> list[PortRule]:
    """What iptables-save prints of the table nat, in the order in which the kernel tries it."""
    targets = {}
    for line in saved.splitlines():
        found = _TARGET.match(line)
        if found:
            targets[found["chain"], found["protocol"], int(found["port"])] = found["to"]
    rules = []
    for line in saved.splitlines():
        found = _DNAT.match(line)
        named = found and _ID.search(found["comment"])
        if found and named:
            for number in map(int, found["ports"].split(",")):
                port = Port(found["protocol"], number, (found["host"] or "").split("/")[0])
                to = targets.get((found["chain"], port.protocol, number), "")
                rules.append(PortRule(port, named["id"], to))
    return rules


def nft_port_rules(listed: str) -> list[PortRule]:
    """What nft prints of the table cni_hostport: those for one address of the host are tried first."""
    found = [match for match in map(_NFT.match, listed.splitlines()) if match]
    ordered = sorted(found, key=lambda one: one["host"] is None)
    return [
        PortRule(Port(one["protocol"], int(one["port"]), one["host"] or ""), one["id"], one["to"]) for one in ordered
    ]


def ports_of(mappings: Sequence[Mapping[str, Any]]) -> list[Port]:
    """Those of a capability argument portMappings that are ports of the host at all."""
    unsaid = ("", "0.0.0.0", "::")
    return [
        Port(str(one.get("protocol", "tcp")).lower(), int(one["hostPort"]), "" if host in unsaid else host)
        for one in mappings
        for host in (str(one.get("hostIP", "")),)
        if int(one.get("hostPort", 0)) > 0
    ]


def before(port: Port, container: str, rules: Sequence[PortRule]) -> list[PortRule]:
    """Rules of others that get packets for the port before this container does."""
    found = [rule for rule in rules if rule.port.meets(port)]
    own = [place for place, rule in enumerate(found) if rule.container == container]
    return found[: own[0]] if own else found


def allocation(name: str, text: str) -> Optional[Allocation]:
    """A file of host-local; None for one that is no allocation, such as its lock."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return None
    container, *rest = text.splitlines() or [""]
    return Allocation(name, container.strip(), rest[0].strip() if rest else "") if container.strip() else None
