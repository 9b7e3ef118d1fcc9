# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall of a guest: options, and for each card the set of addresses that may be its own.

Upstream: PVE::Firewall. It counts only while the cluster's firewall is on and the card says ``firewall=1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Union

#: Options → what they mean where they are not there.
DEFAULTS: Mapping[str, str] = {
    "enable": "0",
    "ipfilter": "0",
    "macfilter": "1",
    "policy_in": "DROP",
    "policy_out": "ACCEPT",
}

Sets = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class DesiredFirewall:
    """``options``: those that are said. ``sets``: name of a set → all that is to be in it.

    ``gone``: sets that are not to be there. Upstream filters by a set of a card also where ``ipfilter`` is off.
    """

    options: Mapping[str, str]
    sets: Sets = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def named(self) -> frozenset[str]:
        """All sets of which something is said."""
        return self.gone | frozenset(self.sets)


@dataclass(frozen=True)
class ObservedFirewall:
    """``sets``: of those that somebody asked for, the ones that are there."""

    options: Mapping[str, str] = field(default_factory=dict)
    sets: Sets = field(default_factory=dict)


def set_of(card: str) -> str:
    """A packet of the card from an address that is not in it is dropped. The one of its MAC address always is."""
    return f"ipfilter-{card}"


def entry(text: str) -> str:
    """One spelling. An address alone stands without the length of its network, as upstream keeps it."""
    try:
        found = ip_network(text, strict=False)
    except ValueError:  # the name of an alias
        return text
    return str(found.network_address) if found.prefixlen == found.max_prefixlen else str(found)


def entries(rows: Iterable[Mapping[str, Union[str, int]]]) -> frozenset[str]:
    """As the API tells a set. An exception in it is another thing than the address alone."""
    return frozenset(("!" if row.get("nomatch") else "") + entry(str(row["cidr"])) for row in rows)
