# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Try the links of a joiner: some pings to every other node, one question to the lead's API, and one on the wire.

This costs seconds, so it is asked only of a node that is about to join, all at once, and is no part of a node's
observation. One that is to create the cluster only asks on the wire: the others try the links to it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Optional

from ...engine.reader import Completed, Question, Reader, command, program
from ...model.cluster.context import ClusterContext
from ...model.cluster.links import Links
from ...model.cluster.paths import Path, Paths, Stranger
from ...model.node.host import Host
from ..network.ping import full_size
from ..node import host

_API = 8006
_AVERAGE = re.compile(r"^(?:rtt|round-trip) .*= [\d.]+/([\d.]+)/", re.MULTILINE)


@dataclass(frozen=True)
class _Way:
    """One link to one other node, before it is tried."""

    node: str
    link: int
    source: str
    address: str
    mtu: int

    @property
    def whole(self) -> Question:
        """At full size first: on a link that is right, that answers all."""
        return self.ping(*full_size(self.source, self.mtu))

    def ping(self, *options: str) -> Question:
        words = ("ping", "-n", "-q", "-c", "4", "-i", "0.2", "-W", "1", "-I", self.source)
        return command(*words, *options, self.address)

    def tried(self, whole: Completed, small: Optional[Completed]) -> Path:
        """``small``: how smaller packets fared, where the whole ones did not arrive."""
        name = (self.node, self.link, self.source, self.address, self.mtu)
        if whole.rc == 127:
            return Path(*name, tried=False)
        if small is None:
            return Path(*name, latency=_latency(whole))
        return Path(*name, reached=small.rc == 0, whole=False, latency=_latency(small))


def observe(reader: Reader, links: Links, context: ClusterContext) -> Paths:
    """``links``: the joiner's own."""
    this = host.observe(reader)
    wire = program("find_strangers", *_own(this, links))
    if context.lead is None:
        return Paths(**_on_the_wire(Completed(*reader.look_many([wire])[0]), links))
    lead = context.lead.address
    ways = [
        _Way(other, number, links[number], address, _mtu(this, links[number]))
        for other, theirs in context.others(this.name).items()
        for number, address in theirs.items()
        if address and links.get(number)
    ]
    clock = Question("clock", (f"{lead}:{_API}",))
    heard, skew, *answers = reader.look_many([wire, clock, *(way.whole for way in ways)])
    whole = [Completed(*answer) for answer in answers]
    narrow = [way for way, done in zip(ways, whole) if done.rc not in (0, 127)]
    small = dict(zip(narrow, (Completed(*answer) for answer in reader.look_many([way.ping() for way in narrow]))))
    tried = tuple(way.tried(done, small.get(way)) for way, done in zip(ways, whole))
    return Paths(tried, lead, skew, **_on_the_wire(Completed(*heard), links))


def _own(this: Host, links: Links) -> list[str]:
    addresses = set(links.values())
    return [f"{found.ip}@{found.interface}" for found in this.addresses if str(found.ip) in addresses]


def _on_the_wire(done: Completed, links: Links) -> dict[str, Any]:
    """Who else has an address of this node, and what could not be asked."""
    numbers = {address: number for number, address in links.items()}
    if done.rc != 0:
        return {"strangers": (), "unknown": (done.stderr.strip().rpartition("\n")[2],)}
    told = json.loads(done.stdout)
    return {
        "strangers": tuple(Stranger(numbers[address], address, *where) for address, *where in told["strangers"]),
        "unknown": tuple(f"{address} on {interface}: {why}" for address, interface, why in told["unknown"]),
    }


def _mtu(this: Host, source: str) -> int:
    return next((own.mtu for own in this.addresses if str(own.ip) == source), 1500)


def _latency(done: Completed) -> Optional[float]:
    average = _AVERAGE.search(done.stdout)
    return float(average.group(1)) if average else None
