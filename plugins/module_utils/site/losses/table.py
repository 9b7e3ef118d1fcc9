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
from .cell import STATES, TOPICS, Cell, Loss, Topic
from .reading import Reading
from .things import Thing, things

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
    whole = _CELLS[topic](thing, reading)
    if not thing.shaky:
        return whole
    bare = _CELLS[topic](replace(thing, nodes=frozenset(), storages=frozenset(), shaky=False), reading)
    if whole == bare:
        return whole
    least = min(whole.state, bare.state, key=STATES.index)
    state = least if whole.state == bare.state or least in ("stops", "lost") else "unknown"
    doubt = f"Whether another disk of the node has all that is on {thing.title or thing.name} is not known. If not:"
    return replace(whole, state=state, word=f"{state}: {whole.word}", at_once=(doubt, *whole.at_once))
