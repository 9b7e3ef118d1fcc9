# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look around from one node: its addresses, whom it reaches in full size, and corosync's links.

This costs seconds, so it is asked only around a change of the network, and is no part of a node's observation.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from ...engine.reader import Reader
from ...model.cluster.running_links import parse_links
from ...model.network.target import Target
from ...model.network.view import NetworkView
from ..cluster.cluster import LINKS
from ..node import host
from . import bonds

#: IP and ICMP headers, which the MTU includes and ping's size does not.
_HEADERS = {4: 28, 6: 48}
_LARGEST = 65507


def observe(reader: Reader, targets: Sequence[Target]) -> NetworkView:
    own = tuple(f"{found.ip}/{found.prefix}" for found in host.observe(reader).addresses)
    reached: dict[str, bool] = {}
    for target in targets:
        reached[target.address] = reached.get(target.address, True) and _reaches(reader, target)
    links = tuple(parse_links(reader.run(*LINKS).stdout, {}))
    return NetworkView(own, reached, links, tuple(bonds.without_partner(reader)))


def _reaches(reader: Reader, target: Target) -> bool:
    size = min(target.mtu - _HEADERS[ipaddress.ip_address(target.address).version], _LARGEST)
    options = ("-s", str(size), "-M", "do", *(("-I", target.source) if target.source else ()))
    return reader.run("ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", *options, target.address).rc == 0
