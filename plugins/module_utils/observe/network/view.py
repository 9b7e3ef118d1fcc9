# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look around from one node: its addresses, whom it reaches in full size, and corosync's links.

This costs seconds, so it is asked only around a change of the network, and is no part of a node's observation. All are
asked side by side: on a large site, one after the other would take longer than a change waits to be confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ...engine.reader import Completed, Question, Reader, command
from ...model.cluster.running_links import parse_links
from ...model.network.interface import Link
from ...model.network.target import Target
from ...model.network.view import NetworkView
from ..cluster.cluster import LINKS
from . import bonds
from .kernel import observe_links
from .ping import full_size

#: Packets of this size get through wherever any do.
_USUAL = 1500


def observe(reader: Reader, targets: Sequence[Target]) -> NetworkView:
    known = observe_links(reader)
    own = tuple(str(address) for link in known.values() for address in link.addresses)
    reached: dict[str, bool] = {}
    for target, answered in _answers(reader, targets):
        reached[target.address] = reached.get(target.address, True) and answered
    large = [replace(one, mtu=_USUAL) for one in targets if one.mtu > _USUAL and not reached[one.address]]
    small = tuple(target.address for target, answered in _answers(reader, large) if answered)
    links = tuple(parse_links(reader.run(*LINKS).stdout, {}))
    return NetworkView(own, reached, links, tuple(bonds.without_partner(reader)), tuple(_dark(known)), small)


def _answers(reader: Reader, targets: Sequence[Target]) -> Iterator[tuple[Target, bool]]:
    for target, answer in zip(targets, reader.look_many([_ping(target) for target in targets]) if targets else ()):
        yield target, Completed(*answer).rc == 0


def _dark(links: Mapping[str, Link]) -> Iterator[str]:
    """A bridge without ports has no carrier until a guest runs on it: that is no cable."""
    masters = {link.master for link in links.values()}
    for link in links.values():
        if link.addresses and link.up and not link.carrier and (link.kind != "bridge" or link.name in masters):
            yield link.name


def _ping(target: Target) -> Question:
    source = ("-I", target.source) if target.source else ()
    options = (*full_size(target.address, target.mtu), *source)
    return command("ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", *options, target.address)
