# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where we stand in a bad night: who answers, who is silent, who has quorum, and what of that is only a guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from .division import Running, running
from .reading import NodeReading, PlacedGuest, Reading
from .resets import armed

#: A watchdog that is not fed for so long resets its node.
RESET_AFTER = 60.0
#: The LRM feeds the watchdog and writes its status about every so many seconds; the last status that could be written
#: may be so much older than the last feeding.
WRITES_EVERY = 10.0


@dataclass(frozen=True)
class Situation:
    """``here``: what corosync counts on the nodes that answer; None when none of them says.

    In the order of the nodes. answering: those that gave an answer. silent: those that were asked and gave none; of a
    node that nobody asked neither is known. missing: members that are not among those counted. ours: those counted.
    """

    here: Optional[Running]
    answering: frozenset[str]
    silent: frozenset[str]
    missing: tuple[str, ...]
    ours: tuple[str, ...]

    @property
    def quorate(self) -> Optional[bool]:
        """None when nobody says."""
        return None if self.here is None else self.here.status.quorate

    @property
    def alive(self) -> tuple[str, ...]:
        """Missing, and yet they answer: they are not off, only corosync does not see them."""
        return tuple(name for name in self.missing if name in self.answering)

    @property
    def gone(self) -> tuple[str, ...]:
        """Missing, and no answer has come from them. They may be off, or the majority."""
        return tuple(name for name in self.missing if name not in self.answering)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Missing, asked, and silent."""
        return tuple(name for name in self.missing if name in self.silent)


def situation(reading: Reading) -> Situation:
    """Of several memberships the one with quorum, else the one with most votes."""
    found = sorted(running(reading), key=lambda one: (one.status.quorate, one.status.total))
    here = found[-1] if found else None
    present = here.present if here is not None else frozenset()
    order = {node.name: number for number, node in enumerate(reading.nodes)}
    members = [node.name for node in reading.nodes if node.nodeid is not None]
    return Situation(
        here=here,
        answering=frozenset(node.name for node in reading.nodes if node.reached),
        silent=frozenset(node.name for node in reading.nodes if node.reached is False),
        missing=tuple(name for name in members if here is not None and name not in present),
        ours=tuple(sorted(present, key=lambda name: (order.get(name, len(order)), name))),
    )


def endangered(reading: Reading) -> Iterator[tuple[NodeReading, Optional[bool], float]]:
    """Nodes that answer and have no quorum: whether the watchdog resets them, and within how many seconds at most."""
    for one in running(reading):
        for name in sorted(one.present) if not one.status.quorate else ():
            node = reading.node(name)
            if node is not None:
                left = min(RESET_AFTER, max(0.0, RESET_AFTER + WRITES_EVERY - _silent_for(node, reading.at)))
                yield node, armed(node, reading.ha.value, reading.at), left


def _silent_for(node: NodeReading, now: float) -> float:
    """For how many seconds its LRM has not written; none where that is not told."""
    lrm = node.lrm.value
    return 0.0 if lrm is None or lrm.timestamp is None else now - lrm.timestamp


def guests_on(names: tuple[str, ...], reading: Reading) -> list[PlacedGuest]:
    return [placed for placed in reading.guests.value or () if placed.node in names]


def under_ha(placed: PlacedGuest, reading: Reading) -> Optional[bool]:
    """Whether HA is in charge of it; None when nobody knows."""
    ha = reading.ha.value
    if ha is None:
        return None
    return ha.manager.resources.get(placed.guest.sid, "disabled") not in ("disabled", "ignored")
