# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The links of corosync as one node sees them. Upstream: corosync-cfgtool(8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

_LINK = re.compile(r"LINK: (\d+) \S+ \((\S+)->(\S+)\) (.*)")


@dataclass(frozen=True)
class RunningLink:
    """A link of corosync from this node to another: as ``corosync-cfgtool -n`` shows it, with what knet measures.

    mtu: the largest packet of data that passes. latency: on average, in milliseconds; None where corosync does not say.
    """

    nodeid: int
    number: int
    source: str
    target: str
    connected: bool
    mtu: Optional[int] = None
    latency: Optional[float] = None


def parse_links(text: str, latency: Mapping[tuple[int, int], float]) -> Iterator[RunningLink]:
    """``corosync-cfgtool -n``."""
    node = 0
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["nodeid:"]:
            node = int(words[1])
        found = _LINK.fullmatch(line.strip())
        if found:
            number, states = int(found[1]), found[4].split()
            mtu = states[states.index("mtu:") + 1] if "mtu:" in states[:-1] else ""
            yield RunningLink(
                nodeid=node,
                number=number,
                source=found[2],
                target=found[3],
                connected="connected" in states,
                mtu=int(mtu) if mtu.isdecimal() and mtu != "0" else None,
                latency=latency.get((node, number)),
            )


def connections_of(links: Iterable[RunningLink]) -> dict[int, dict[int, bool]]:
    """For every other node, by number, which of its links answer."""
    found: dict[int, dict[int, bool]] = {}
    for link in links:
        found.setdefault(link.nodeid, {})[link.number] = link.connected
    return found
