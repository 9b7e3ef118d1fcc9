"""Corosync's votes, counted over every possible vote: a test double by which the product's arithmetic is judged.

Written from votequorum(5) and exec/votequorum.c, and on purpose in another way: a machine that takes events one after
the other, and keeps what the real one keeps (its quorum, and who was there before).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass
class Votequorum:
    """One membership. ``device``: its votes, and the nodes on which they are cast."""

    votes: Mapping[int, int]
    expected: int
    two_node: bool = False
    auto_tie_breaker: bool = False
    last_man_standing: bool = False
    breakers: tuple[int, ...] = ()
    device: int = 0
    casting: frozenset[int] = frozenset()
    members: set[int] = field(default_factory=set)
    quorum: int = 0

    def __post_init__(self) -> None:
        self.members = set(self.votes)
        self.before = set(self.members)
        self.quorum = self._needed(self.total(True), bool(self.device and self.casting))

    def total(self, device: bool) -> int:
        return sum(self.votes[number] for number in self.members) + (self.device if device else 0)

    def _needed(self, total: int, device: bool) -> int:
        """The smallest number of votes that no other half can have as well."""
        if self.two_node and len(self.members) + int(device) <= 2:
            return 1
        least = next(number for number in range(1, 2 * self.expected + 2) if 2 * number > self.expected)
        own = next(number for number in range(1, 2 * total + 2) if 2 * number > total)
        return max(least, own, self.quorum)

    def lose(self, numbers: Collection[int]) -> None:
        self.before = set(self.members)
        self.members -= set(numbers)

    def settle(self) -> None:
        """After the window of last_man_standing."""
        if self.last_man_standing and self.members and self.quorate(min(self.members), False):
            self.expected = len(self.members)
            self.quorum = 0
            self.quorum = self._needed(self.total(False), False)

    def quorate(self, number: int, device: bool) -> bool:
        """As this node sees it."""
        cast = device and number in self.casting and self.device > 0
        total = self.total(cast)
        needed = self._needed(total, cast)
        if total >= needed:
            return True
        listed = [one for one in self.breakers if one in self.before]
        first = listed[0] if listed else min(self.before)
        return self.auto_tie_breaker and 2 * total == self.expected and first in self.members
