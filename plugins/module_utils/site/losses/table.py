# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What would happen if one thing were lost now: the table, computed from one reading of the site.

A false "safe" is worse than none: a cell is ``fine`` only when all that it depends on was answered.
"""

from __future__ import annotations

from .cell import TOPICS, Cell, Loss, Topic, unknown
from .reading import Reading
from .things import Thing, things


def losses(reading: Reading) -> tuple[Loss, ...]:
    """One row for each thing that may be lost, in a stable order."""
    return tuple(
        Loss(thing.kind, thing.name, {topic: _cell(topic, thing, reading) for topic in TOPICS}, thing.title)
        for thing in things(reading)
    )


def _cell(topic: Topic, thing: Thing, reading: Reading) -> Cell:
    return unknown(f"What the loss of {thing.title or thing.name} means for {topic} is not computed yet.")
