# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The geometry of a report's pictures: where each shape goes. Who draws them escapes their texts.

All numbers are ours; of what was observed only names and states go in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

#: Of the map of links: the circle's radius grows with the number of nodes.
_NODE, _MARGIN, _GAP = 26.0, 70.0, 7.0
#: Of the racks.
_RACK, _SLOT, _HEAD, _BETWEEN = 250.0, 34.0, 30.0, 18.0
#: What a disk is drawn as; a word says the same beside it.
FULL, NEARLY = 0.95, 0.85


@dataclass(frozen=True)
class Spot:
    x: float
    y: float
    name: str
    state: str
    name_below: float


@dataclass(frozen=True)
class Way:
    """Half of a way: from a node to the middle, as that node sees it. The mark stands where it ends."""

    x1: float
    y1: float
    x2: float
    y2: float
    state: str
    link: str


@dataclass(frozen=True)
class LinkMap:
    width: float
    height: float
    spots: tuple[Spot, ...]
    ways: tuple[Way, ...]


def link_map(cluster: Mapping[str, Any], links: Mapping[str, Any]) -> LinkMap:
    """Nodes on a circle; between two nodes one line for each link, drawn from both ends as each end sees it."""
    names = [row["node"] for row in cluster["rows"] if row["member"]]
    states = {row["node"]: _spot_state(row) for row in cluster["rows"]}
    radius = max(90.0, len(names) * 34.0)
    middle = radius + _MARGIN
    places = {name: _on_circle(number, len(names), radius, middle) for number, name in enumerate(names)}
    numbers = sorted({row["link"] for row in links["rows"]})
    ways = [_way(row, places, numbers) for row in links["rows"] if row["from"] in places and row["to"] in places]
    spots = tuple(Spot(*places[name], name, states[name], _away(places[name][1], middle)) for name in names)
    return LinkMap(2 * middle, 2 * middle, spots, tuple(ways))


def _spot_state(row: Mapping[str, Any]) -> str:
    if not row["answered"]:
        return "silent"
    return "unknown" if row["quorum"] is None else "up" if row["quorum"]["quorate"] else "down"


def _away(y: float, middle: float) -> float:
    """The name of a node stands where no line does: outside of the circle."""
    return -32.0 if y < middle else 40.0


def _on_circle(number: int, of: int, radius: float, middle: float) -> tuple[float, float]:
    angle = 2 * math.pi * number / max(of, 1) - math.pi / 2
    return round(middle + radius * math.cos(angle), 1), round(middle + radius * math.sin(angle), 1)


def _way(row: Mapping[str, Any], places: Mapping[str, tuple[float, float]], numbers: Sequence[str]) -> Way:
    """Links of one pair lie side by side; the same side seen from both ends."""
    (x1, y1), (x2, y2) = places[row["from"]], places[row["to"]]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    along = ((x2 - x1) / length, (y2 - y1) / length)
    aside = (numbers.index(row["link"]) - (len(numbers) - 1) / 2) * _GAP
    aside = aside if row["from"] < row["to"] else -aside
    across = (-along[1] * aside, along[0] * aside)
    return Way(
        round(x1 + along[0] * _NODE + across[0], 1),
        round(y1 + along[1] * _NODE + across[1], 1),
        round((x1 + x2) / 2 - along[0] * 4 + across[0], 1),
        round((y1 + y2) / 2 - along[1] * 4 + across[1], 1),
        row["state"],
        row["link"],
    )


@dataclass(frozen=True)
class Slot:
    """A disk. ``filled``: how wide its fill is drawn; None where that is not told."""

    x: float
    y: float
    width: float
    height: float
    filled: Optional[float]
    state: str
    label: str
    value: str


@dataclass(frozen=True)
class Rack:
    """A node's disks, below its name."""

    x: float
    y: float
    width: float
    height: float
    name: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Racks:
    width: float
    height: float
    racks: tuple[Rack, ...]


def racks(disks: Mapping[str, Any], beside: int = 3) -> Racks:
    """One rack for each node with disks, ``beside`` of them in a row."""
    own: dict[str, list[Mapping[str, Any]]] = {}
    for row in disks["rows"]:
        own.setdefault(row["node"], []).append(row)
    states = {osd["id"]: osd for osd in disks["osds"]}
    found: list[Rack] = []
    top = 0.0
    names = list(own)
    for start in range(0, len(names), beside):
        line = names[start : start + beside]
        height = _HEAD + _SLOT * max(len(own[name]) for name in line) + 8
        for number, name in enumerate(line):
            x = number * (_RACK + _BETWEEN)
            slots = tuple(_slot(x, top, place, row, states) for place, row in enumerate(own[name]))
            found.append(Rack(x, top, _RACK, height, name, slots))
        top += height + _BETWEEN
    columns = min(beside, max(len(names), 1))
    return Racks(columns * (_RACK + _BETWEEN) - _BETWEEN, max(top - _BETWEEN, 0.0), tuple(found))


def _slot(x: float, top: float, place: int, row: Mapping[str, Any], osds: Mapping[int, Mapping[str, Any]]) -> Slot:
    width = _RACK - 16
    fill = row["fill"]
    carried = [osds[number] for number in row["osds"] if number in osds]
    words = ", ".join(f"osd.{number}" for number in row["osds"]) or row["used_as"] or ""
    return Slot(
        x + 8,
        top + _HEAD + place * _SLOT,
        width,
        _SLOT - 6,
        None if fill is None else round(width * min(fill, 1.0), 1),
        slot_state(row, carried),
        f"{row['path'].rpartition('/')[2]} {words}".strip(),
        "" if fill is None else f"{fill:.0%}",
    )


def slot_state(row: Mapping[str, Any], osds: Sequence[Mapping[str, Any]]) -> str:
    """``down``: an OSD on it is. ``full``, ``nearly``: above the monitors' usual limits."""
    if any(not osd["up"] for osd in osds):
        return "down"
    if row["fill"] is not None:
        return "full" if row["fill"] >= FULL else "nearly" if row["fill"] >= NEARLY else "fine"
    return "unknown" if row["osds"] else "used" if row["used_as"] else "empty"
