# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which nodes still reach each other over corosync's links: a matrix of pairs, for knet does not relay.

Quorate is certain only for nodes that reach each other pairwise. Where that is no clean division, who falls out cannot
be foretold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Optional

from ...model.cluster.links import link_name
from .cell import Cell, State, unknown, worst
from .networks import nodes_cut, on_dead_link
from .reading import NodeReading, Reading
from .things import Thing, link_ends
from .words import listed, phrase

Pair = frozenset[str]
Ends = Collection[tuple[str, int]]


@dataclass(frozen=True)
class Groups:
    """How nodes find together. certain: these groups, each for itself; else one of them, and nobody knows which."""

    groups: tuple[frozenset[str], ...]
    certain: bool = True


def connected(reading: Reading, pair: Pair, link: int) -> Optional[bool]:
    """Whether corosync is connected there, as both sides say; None when one that has not said no did not answer."""
    one, other = (reading.node(name) for name in sorted(pair))
    if one is None or other is None:
        return None
    told = [_told(one, other, link), _told(other, one, link)]
    return False if False in told else None if None in told else True


def _told(node: NodeReading, peer: NodeReading, link: int) -> Optional[bool]:
    if node.connections.value is None or peer.nodeid is None:
        return None
    return node.connections.value.get(peer.nodeid, {}).get(link, False)


def links_between(reading: Reading, pair: Pair, dead: Ends = ()) -> Mapping[int, Optional[bool]]:
    """Link that both have, and that is not dead → whether it is connected."""
    ends = link_ends(reading)
    numbers = sorted({link for dummy, link in ends})
    return {
        link: connected(reading, pair, link)
        for link in numbers
        if all((name, link) in ends and (name, link) not in dead for name in pair)
    }


def reaches(reading: Reading, pair: Pair, dead: Ends = ()) -> Optional[bool]:
    """Whether two nodes have a link left; which links there are only the configuration tells."""
    left = links_between(reading, pair, dead).values()
    return True if True in left else None if None in left or reading.config.value is None else False


def graph(reading: Reading, names: Collection[str], dead: Ends) -> Mapping[Pair, Optional[bool]]:
    pairs = (frozenset(pair) for pair in combinations(sorted(names), 2))
    return {pair: reaches(reading, pair, dead) for pair in pairs}


def grouped(names: Collection[str], edges: Mapping[Pair, Optional[bool]], unknown_as: bool) -> Groups:
    """``unknown_as``: what is assumed of pairs of which nobody knows."""
    near = {name: {name} for name in names}
    for pair, answer in edges.items():
        if unknown_as if answer is None else answer:
            one, other = sorted(pair)
            near[one].add(other)
            near[other].add(one)
    clean = all(near[other] == near[name] for name in names for other in near[name])
    if clean:
        return Groups(tuple(sorted({frozenset(near[name]) for name in names}, key=sorted)))
    found = list(_cliques(frozenset(), frozenset(names), frozenset(), near))
    largest = max(map(len, found))
    return Groups(tuple(sorted((one for one in found if len(one) == largest), key=sorted)), certain=False)


def _cliques(
    chosen: frozenset[str], open_: frozenset[str], closed: frozenset[str], near: Mapping[str, Collection[str]]
) -> Iterator[frozenset[str]]:
    """All largest possible sets of nodes that reach each other pairwise (Bron and Kerbosch)."""
    if not open_ and not closed:
        yield chosen
    for name in sorted(open_):
        others = frozenset(near[name]) - {name}
        yield from _cliques(chosen | {name}, open_ & others, closed & others, near)
        open_, closed = open_ - {name}, closed | {name}


def broken(reading: Reading, names: Collection[str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Links that are not connected now, between nodes that both have them."""
    for one, other in combinations(sorted(names), 2):
        for link, answer in links_between(reading, frozenset((one, other))).items():
            if answer is False:
                yield link, (one, other)


def told_broken(reading: Reading, names: Collection[str]) -> list[str]:
    found = broken(reading, names)
    return [
        phrase("{link} is broken between {one} and {other} now.", link=link_name(link), one=one, other=other)
        for link, (one, other) in found
    ]


def cell(thing: Thing, reading: Reading) -> Cell:
    """Which nodes keep how many links, and what is broken already; and the network of migrations."""
    names = frozenset(node.name for node in reading.nodes if node.nodeid is not None) - thing.nodes
    if reading.clustered.value is False or not (thing.nodes or thing.links):
        return Cell("fine", "-")
    if reading.config.value is None:
        return unknown(phrase("Which links there are is not known ({why}).", why=reading.config.why))
    lines = [*_pairs(thing, reading, names), *_migrations(thing, reading)]
    if thing.links:
        lines.append(
            ("fine", phrase("Lost is the network of the link. What else its ports and switches carry, people know."))
        )
    lines += [("degraded", told) for told in told_broken(reading, names)]
    state = worst(*(one for one, dummy in lines))
    return Cell(state, "-" if state == "fine" else phrase(state), tuple(text for dummy, text in lines))


def _pairs(thing: Thing, reading: Reading, names: frozenset[str]) -> Iterator[tuple[State, str]]:
    for one, other in combinations(sorted(names), 2):
        pair = frozenset((one, other))
        before, left = links_between(reading, pair), links_between(reading, pair, thing.links)
        working = [link for link, answer in left.items() if answer]
        if None in left.values():
            yield (
                "unknown",
                phrase("Which links are connected between {one} and {other} is not known.", one=one, other=other),
            )
        elif not working and True in before.values():
            yield "stops", phrase("{one} and {other} have no link left; nobody relays.", one=one, other=other)
        elif len(working) == 1 and len(before) > len(left):
            yield (
                "degraded",
                phrase("{one} and {other} have {working} alone.", one=one, other=other, working=link_name(working[0])),
            )


def _migrations(thing: Thing, reading: Reading) -> Iterator[tuple[State, str]]:
    """HA does not need their network: it starts guests anew."""
    if not thing.links:
        return
    if reading.migration.value is None:
        yield "unknown", phrase("Which network migrations use is not known ({why}).", why=reading.migration.why)
        return
    network = reading.migration.value
    cut = nodes_cut(thing, (network,), reading) if network else _by_name(thing, reading)
    if cut is None:
        yield "unknown", phrase("Whether migrations use the lost network is not known.")
    elif cut:
        lost = phrase(
            "their network{name} is the lost one", name=phrase(" ({network})", network=network) if network else ""
        )
        yield (
            "stops",
            (
                phrase(
                    "Migrations to and from {cut} fail unless another route leads there: {lost}. HA does not need it.",
                    cut=listed(cut),
                    lost=lost,
                )
            ),
        )


def _by_name(thing: Thing, reading: Reading) -> Optional[frozenset[str]]:
    """Where no network is named, migrations go to the address that belongs to a node's name."""
    found: set[str] = set()
    for name in {name for name, dummy in thing.links}:
        addresses = (reading.names.value or {}).get(name, ())
        answers = [on_dead_link(thing, address, reading) for address in addresses]
        if not answers or None in answers:
            return None
        if True in answers:
            found.add(name)
    return frozenset(found)
