# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a corosync.conf(5) means: who the nodes are, with which links, votes and quorum device.

Upstream: corosync.conf(5), and what becomes of it in corosync's exec/coroparse.c, totemconfig.c and votequorum.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Optional

from ..node.host import IPAddress
from .cluster import CorosyncConfig, Member, QDevice
from .corosync_text import Section, parse_sections
from .links import Links, canonical, is_address

_ADDRESS = re.compile(r"ring([0-7])_addr")
PRIORITY = "knet_link_priority"
TWO_NODE = "two_node"
WAIT_FOR_ALL = "wait_for_all"
EXPECTED_VOTES = "expected_votes"
LAST_MAN_STANDING = "last_man_standing"
AUTO_TIE_BREAKER = "auto_tie_breaker"
#: Keys of ``quorum`` with which corosync does not start while there is a quorum device.
AGAINST_DEVICE = (TWO_NODE, LAST_MAN_STANDING, AUTO_TIE_BREAKER, "allow_downscale")
_QUORUM = (*AGAINST_DEVICE, WAIT_FOR_ALL, EXPECTED_VOTES)
#: totem.ip_version → the families of addresses that corosync takes for a name, the preferred one first.
_FAMILIES = {"ipv4": (4,), "ipv6": (6,), "ipv4-6": (4, 6)}
_ANY_FAMILY = (6, 4)


def parse_corosync_conf(text: str, names: Optional[Mapping[str, str]] = None) -> CorosyncConfig:
    """``names``: host names among the addresses of links → the address that each leads to."""
    return config_of(parse_sections(text), names)


def config_of(root: Section, names: Optional[Mapping[str, str]] = None) -> CorosyncConfig:
    totem, quorum = root.first("totem"), root.first("quorum")
    return CorosyncConfig(
        name=totem.values.get("cluster_name", ""),
        version=totem.number("config_version", 0),
        members=tuple(_member(node, names) for node in root.first("nodelist").all("node")),
        qdevice=next((_qdevice(device) for device in quorum.all("device") if device.values.get("model")), None),
        priorities=_priorities(totem),
        token_coefficient=totem.number("token_coefficient", 0) if "token_coefficient" in totem.values else None,
        quorum={key: quorum.number(key, 0) for key in _QUORUM if key in quorum.values},
        names=names or {},
    )


def host_names(text: str) -> tuple[str, ...]:
    """The link addresses that are names: what they lead to, only a resolver knows."""
    written = [
        address for node in parse_sections(text).first("nodelist").all("node") for address in _written(node).values()
    ]
    return tuple(dict.fromkeys(one for one in written if not is_address(one)))


def choose_address(text: str, found: Sequence[IPAddress]) -> Optional[str]:
    """Of what a resolver found for a name, the address that corosync takes: the family that the file prefers."""
    families = _FAMILIES.get(parse_sections(text).first("totem").values.get("ip_version", ""), _ANY_FAMILY)
    return next((str(ip) for family in families for ip in found if ip.version == family), None)


def read_links(node: Section, names: Optional[Mapping[str, str]] = None) -> Links:
    """The addresses in a ``node`` section, and what names in it lead to; one that leads nowhere stays a name."""
    known = names or {}
    return Links({number: known.get(address, address) for number, address in _written(node).items()})


def write_links(node: Section, links: Links, names: Optional[Mapping[str, str]] = None) -> None:
    """In place of those that stand there; what means the same is left as it is written."""
    found = read_links(node, names)
    written = {number: text for number, text in _written(node).items() if found[number] == links.get(number)}
    for key in [key for key in node.values if _ADDRESS.fullmatch(key)]:
        del node.values[key]
    node.values.update({f"ring{number}_addr": written.get(number, address) for number, address in links.items()})


def link_number(interface: Section) -> int:
    """The link that an ``interface`` section of totem is about; one without a number is that of link0."""
    return interface.number("linknumber", 0)


def _written(node: Section) -> dict[int, str]:
    found = ((_ADDRESS.fullmatch(key), value) for key, value in node.values.items())
    return {int(match.group(1)): value for match, value in found if match}


def _priorities(totem: Section) -> dict[int, int]:
    """Several sections of one link are put together."""
    found: dict[int, int] = {}
    for interface in totem.all("interface"):
        number = link_number(interface)
        found[number] = interface.number(PRIORITY, found.get(number, 0))
    return found


def _member(node: Section, names: Optional[Mapping[str, str]]) -> Member:
    return Member(
        name=node.values.get("name", ""),
        nodeid=node.number("nodeid", 0),
        votes=node.number("quorum_votes", 1),
        links=read_links(node, names),
    )


def _qdevice(device: Section) -> QDevice:
    net = device.first("net").values
    host = net.get("host", "")
    return QDevice(canonical(host), net.get("algorithm", ""), device.number("votes", 0))
