# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bad night: what is safe, what to do in which order, and what never to do.

Who we are is not known: nodes that are silent on all addresses are off, or they are the majority. What is safe is said
only where it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .action import Action
from .ceph_actions import ceph_actions
from .cluster_actions import cluster_actions
from .division import running
from .reading import Reading
from .situation import Situation, endangered, guests_on, situation
from .words import phrase


@dataclass(frozen=True)
class Advice:
    """``do`` in the order in which it is done: first what loses nothing, then what cannot be undone."""

    safe: tuple[str, ...] = ()
    do: tuple[Action, ...] = ()
    never: tuple[Action, ...] = ()

    def document(self) -> dict[str, Any]:
        """In the form of report.json."""
        return {
            "safe": list(self.safe),
            "do": [action.document() for action in self.do],
            "never": [action.document() for action in self.never],
        }


def advice(reading: Reading) -> Advice:
    """Empty when nothing is wrong."""
    now = situation(reading)
    actions = [*cluster_actions(reading, now), *ceph_actions(reading)]
    return Advice(
        safe=tuple(_safe(reading, now)) if actions else (),
        do=tuple(action for action in actions if action.verdict in ("right", "only if")),
        never=tuple(action for action in actions if action.verdict in ("refused", "never")),
    )


def _safe(reading: Reading, now: Situation) -> Iterator[str]:
    """Where two parts may have quorum, waiting is not: both write the disks that they share."""
    if sum(one.status.quorate for one in running(reading)) > 1:
        return
    yield phrase("what the disks hold: it is not touched by waiting")
    if now.quorate is not False:
        return
    for node, told, _within in endangered(reading):
        if told is not False:
            continue
        for placed in guests_on((node.name,), reading):
            own = placed.guest.volumes and not any(volume.shared for volume in placed.guest.volumes)
            if placed.guest.running and own:
                yield phrase(
                    "guest {vmid} runs on: its disks are on {name}, which is not reset",
                    vmid=placed.guest.vmid,
                    name=node.name,
                )
