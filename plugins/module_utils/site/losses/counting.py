# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Corosync's arithmetic: how many votes make a quorum, and which nodes of a group have it.

Upstream: votequorum(5), exec/votequorum.c (calculate_quorum, are_we_quorate).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Optional

from ...model.cluster.quorum import QuorumOptions, QuorumStatus


@dataclass(frozen=True)
class Count:
    """The votes of a group of nodes. ``quorate``: the node numbers that have quorum; of a group whose device votes on
    some nodes only, that may be a part."""

    nodes: frozenset[int]
    total: int
    needed: int
    expected: int
    quorate: frozenset[int]

    @property
    def all(self) -> bool:
        return bool(self.nodes) and self.quorate == self.nodes


def count(status: QuorumStatus, nodes: Collection[int], device: bool, options: Optional[QuorumOptions] = None) -> Count:
    """These members of what runs now, alone. ``device``: its vote is cast for them, on the nodes where it counts now.

    What has no quorum now does not get it by a loss.
    """
    group = frozenset(nodes) & frozenset(status.members)
    casting = group & status.casting if device else frozenset()
    with_device = _one(status, group, True, options)
    without = _one(status, group, False, options)
    quorate = (casting if with_device.all else frozenset()) | (group - casting if without.all else frozenset())
    shown = with_device if casting else without
    return replace(shown, quorate=quorate if status.quorate else frozenset())


def _one(status: QuorumStatus, group: frozenset[int], device: bool, options: Optional[QuorumOptions]) -> Count:
    voters = len(group) + int(device and status.device_votes > 0)
    total = sum(status.members[number] for number in group) + (status.device_votes if device else 0)
    needed = needed_votes(status.expected, total, status.quorum)
    if status.two_node and voters <= 2:
        needed = 1
    enough = bool(group) and (total >= needed or _wins_tie(status, group, total, needed, options))
    return Count(group, total, needed, status.expected, group if enough else frozenset())


def needed_votes(expected: int, present: int, now: int = 0) -> int:
    """It never falls by a loss."""
    return max((expected + 2) // 2, (present + 2) // 2, now)


def _wins_tie(
    status: QuorumStatus, group: frozenset[int], total: int, needed: int, options: Optional[QuorumOptions]
) -> bool:
    """auto_tie_breaker: exactly half of the votes, with the lowest node that was there, or the first one listed."""
    if not status.breaks_ties or total * 2 != status.expected or options is None:
        return False
    there = [number for number in options.tie_breakers if number in status.members] or [min(status.members)]
    return there[0] in group


def one_after_the_other(
    status: QuorumStatus, lost: tuple[int, ...], options: Optional[QuorumOptions]
) -> Optional[Count]:
    """last_man_standing: what is left expects no more votes than it has, some ten seconds after each loss."""
    found: Optional[Count] = None
    for number in lost:
        left = frozenset(status.members) - {number}
        found = count(status, left, False, options)
        if not found.all:
            return found
        votes = {other: status.members[other] for other in left}
        expected = len(left)
        quorum = needed_votes(expected, found.total)
        status = replace(status, members=votes, total=found.total, expected=expected, quorum=quorum)
    return found
