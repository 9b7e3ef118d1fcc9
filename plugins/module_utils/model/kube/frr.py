# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""FRR's configuration as lines, each with the lines of the blocks around it: in this form two of them are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .bgp_view import Neighbour

#: The lines of the blocks around it, the outermost first, and the line itself.
Line = tuple[str, ...]

#: What is to be loaded, until it is.
PART = "/etc/frr/baremetal_virt.part"
#: What FRR begins with at its next start: the first that is there. Beside the one of all daemons no other is read.
SAVED = ("/etc/frr/frr.conf", "/etc/frr/bgpd.conf")
_END = re.compile(r"!.*|exit(-\S+)?|end")


@dataclass(frozen=True)
class ObservedSwitch:
    """``left``: a run that was cut short has left what it was to load."""

    running: frozenset[Line] = field(repr=False)
    saved: frozenset[Line] = field(repr=False)
    sessions: tuple[Neighbour, ...] = ()
    left: bool = False


def lines(text: str) -> Iterator[Line]:
    """As FRR writes them: what belongs to a block is indented by one more.

    >>> list(lines("router bgp 1\\n address-family ipv4 unicast\\n  network 10.0.0.0/8\\n exit-address-family\\n"))[2]
    ('router bgp 1', 'address-family ipv4 unicast', 'network 10.0.0.0/8')
    """
    around: list[tuple[int, str]] = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or _END.fullmatch(line):
            continue
        depth = len(raw) - len(raw.lstrip())
        around = [one for one in around if one[0] < depth]
        yield (*(one for dummy, one in around), line)
        around.append((depth, line))


def text(wanted: Iterable[Line]) -> str:
    """To be loaded: each block is ended, so that what follows it does not become a part of it."""
    found: list[str] = []
    opened: Line = ()
    for line in wanted:
        common = _common(opened, line)
        found += _closed(opened, common)
        found += [f"{' ' * depth}{one}" for depth, one in enumerate(line) if depth >= common]
        opened = line
    return "".join(f"{one}\n" for one in (*found, *_closed(opened, 0)))


def _common(one: Line, other: Line) -> int:
    number = 0
    while number < min(len(one), len(other)) and one[number] == other[number]:
        number += 1
    return number


def _closed(opened: Line, kept: int) -> Iterator[str]:
    """Leave the blocks of a line, down to those that are kept; the line itself is none unless it begins one."""
    for depth in range(len(opened) - 1, kept - 1, -1):
        if opened[depth].startswith("address-family "):
            yield f"{' ' * depth}exit-address-family"
        elif opened[depth].startswith(("router ", "route-map ")):
            yield "exit"
