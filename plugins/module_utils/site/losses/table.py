# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What would happen if one thing were lost now: the table, computed from one reading of the site.

A false "safe" is worse than none: a cell is ``fine`` only when all that it depends on was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Callable

from . import daemons, data, guests, links, storages, votes
from .cell import STATES, TOPICS, Cell, Loss, Topic, passing, worst
from .reading import Reading
from .resets import spread
from .things import Thing, things
from .words import listed, phrase, verb

_CELLS: Mapping[Topic, Callable[[Thing, Reading], Cell]] = {
    "votes": votes.cell,
    "data": data.cell,
    "daemons": daemons.cell,
    "guests": guests.cell,
    "storages": storages.cell,
    "links": links.cell,
}


def losses(reading: Reading) -> tuple[Loss, ...]:
    """One row for each thing that may be lost, in a stable order."""
    return tuple(
        Loss(thing.kind, thing.name, {topic: cell_of(topic, thing, reading) for topic in TOPICS}, thing.title)
        for thing in things(reading)
    )


def cell_of(topic: Topic, thing: Thing, reading: Reading) -> Cell:
    """Of a thing of which nobody knows how much goes with it, both are looked at."""
    whole = _with_resets(topic, thing, reading)
    if not thing.shaky:
        return whole
    bare = _with_resets(topic, replace(thing, nodes=frozenset(), storages=frozenset(), shaky=False), reading)
    if whole == bare:
        return whole
    least = min(whole.state, bare.state, key=STATES.index)
    same = whole.state == bare.state
    state = least if same or least in ("stops", "lost") else "unknown"
    doubt = phrase(
        "Whether another disk of the node has all that is on {title} is not known. If not:",
        title=thing.title or thing.name,
    )
    word = whole.word if same else phrase("{state}: {word}", state=phrase(state), word=whole.word)
    return replace(whole, state=state, word=word, at_once=(doubt, *whole.at_once))


def _with_resets(topic: Topic, thing: Thing, reading: Reading) -> Cell:
    """Ceph's daemons on nodes that are reset for want of quorum are away as well, until these have booted."""
    plain = _CELLS[topic](thing, reading)
    if topic not in ("data", "daemons"):
        return plain
    certain, perhaps = spread(thing, reading)
    if certain != thing:
        plain = _joined(plain, _CELLS[topic](certain, reading), certain.nodes - thing.nodes)
    if perhaps == certain:
        return plain
    worse = _CELLS[topic](perhaps, reading)
    if STATES.index(passing(worse.state)) <= STATES.index(plain.state):
        return plain
    doubt = phrase(
        "If {nodes} is reset as well, which is not known: {word}.",
        nodes=listed(perhaps.nodes - certain.nodes, "or"),
        word=worse.word,
    )
    return replace(plain, state=worst(plain.state, "unknown"), at_once=(*plain.at_once, doubt))


def _joined(plain: Cell, again: Cell, reset: frozenset[str]) -> Cell:
    state = worst(plain.state, passing(again.state))
    told = phrase(
        "{reset} {verb} reset as well; until booted: {word}.",
        reset=listed(reset),
        verb=verb(reset, "is", "are"),
        word=again.word,
    )
    return replace(
        plain, state=state, word=again.word if state != plain.state else plain.word, at_once=(*plain.at_once, told)
    )
