# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Try the links of a joiner: some pings to every other node, one question to the lead's API, and one on the wire.

This costs seconds, so it is asked only of a node that is about to join, and is no part of a node's observation. One
that is to create the cluster only asks on the wire: the others try the links to it.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Optional

from ...engine.reader import Reader
from ...model.cluster.context import ClusterContext
from ...model.cluster.links import Links
from ...model.cluster.paths import Path, Paths, Stranger
from ...model.node.host import Host
from ..node import host

_API = 8006
#: IP and ICMP headers, which the MTU includes and ping's size does not.
_HEADERS = {4: 28, 6: 48}
_LARGEST = 65507
_AVERAGE = re.compile(r"^(?:rtt|round-trip) .*= [\d.]+/([\d.]+)/", re.MULTILINE)


def observe(reader: Reader, links: Links, context: ClusterContext) -> Paths:
    """``links``: the joiner's own."""
    this = host.observe(reader)
    lead = None if context.lead is None else context.lead.address
    pairs = [
        (other, number, links[number], address)
        for other, theirs in context.others(this.name).items()
        for number, address in theirs.items()
        if address and links.get(number)
    ]
    strangers, unknown = _strangers(reader, this, links)
    if lead is None:
        return Paths(strangers=strangers, unknown=unknown)
    ways = tuple(_try(reader, this, *pair) for pair in pairs)
    return Paths(ways, lead, reader.clock(f"{lead}:{_API}"), strangers, unknown)


def _strangers(reader: Reader, this: Host, links: Links) -> tuple[tuple[Stranger, ...], tuple[str, ...]]:
    numbers = {address: number for number, address in links.items()}
    own = [f"{found.ip}@{found.interface}" for found in this.addresses if str(found.ip) in numbers]
    done = reader.program("find_strangers", *own)
    if done.rc != 0:
        return (), (done.stderr.strip().rpartition("\n")[2],)
    told = json.loads(done.stdout)
    return (
        tuple(Stranger(numbers[address], address, *where) for address, *where in told["strangers"]),
        tuple(f"{address} on {interface}: {why}" for address, interface, why in told["unknown"]),
    )


def _try(reader: Reader, this: Host, node: str, link: int, source: str, address: str) -> Path:
    """At full size first: on a link that is right, that answers all."""
    mtu = _mtu(this, source)
    size = min(mtu - _HEADERS[ipaddress.ip_address(source).version], _LARGEST)
    found, latency = _ping(reader, source, address, "-s", str(size), "-M", "do")
    if found is None:
        return Path(node, link, source, address, mtu, tried=False)
    if found:
        return Path(node, link, source, address, mtu, latency=latency)
    reached, latency = _ping(reader, source, address)
    return Path(node, link, source, address, mtu, reached=bool(reached), whole=False, latency=latency)


def _mtu(this: Host, source: str) -> int:
    return next((own.mtu for own in this.addresses if str(own.ip) == source), 1500)


def _ping(reader: Reader, source: str, address: str, *options: str) -> tuple[Optional[bool], Optional[float]]:
    """Whether any of the packets was answered (None: there is no ping), and how fast on average."""
    done = reader.run("ping", "-n", "-q", "-c", "4", "-i", "0.2", "-W", "1", "-I", source, *options, address)
    if done.rc == 127:
        return None, None
    average = _AVERAGE.search(done.stdout)
    return done.rc == 0, float(average.group(1)) if average else None
