# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be changed: what was found, and what is to be staged in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ...model.sdn.goal import goal, is_exclusive
from ...model.sdn.sdn import AT_ONCE, LOCK_SINCE, DesiredSdn, Key, Kind, ObservedSdn, Thing, Things


@dataclass(frozen=True)
class Change:
    desired: DesiredSdn
    observed: ObservedSdn

    @cached_property
    def goal(self) -> Things:
        return goal(self.desired, self.observed.staged)

    @property
    def now(self) -> Things:
        return self.observed.staged

    @cached_property
    def differing(self) -> tuple[Key, ...]:
        """What has to be staged."""
        return tuple(key for key in sorted({*self.now, *self.goal}) if self.now.get(key) != self.goal.get(key))

    @property
    def leaving(self) -> Things:
        """What is staged or runs, and is not to be there in the end."""
        there = {**self.observed.running, **self.now}
        return {key: thing for key, thing in sorted(there.items()) if key not in self.goal}

    def concerns(self, key: Key) -> bool:
        """It is declared, as something that is to be there or not, or stands in an exclusive scope."""
        if key in self.desired.wishes:
            return True
        thing = self.now.get(key) or self.observed.running[key]
        return is_exclusive(self.desired, key, thing) and self.observed.pending.get(key) != "new"

    def wished(self, kind: Kind) -> Iterator[tuple[str, Thing]]:
        """Those that are declared to be there, as they are to be."""
        for (other, name), wish in sorted(self.desired.wishes.items()):
            if other == kind and not wish.absent:
                yield name, self.goal[other, name]

    def of(self, kind: Kind) -> Iterator[tuple[str, Thing]]:
        """All that are to be there in the end."""
        yield from ((name, thing) for (other, name), thing in sorted(self.goal.items()) if other == kind)

    def nodes_of(self, zone: Thing) -> tuple[str, ...]:
        """The nodes of a zone; all of the cluster where none are said."""
        return zone.words("nodes") or tuple(sorted(self.observed.nodes))

    @property
    def locks(self) -> bool:
        """There is a lock, which has to be held."""
        return self.observed.release is None or self.observed.release >= LOCK_SINCE

    @property
    def staging(self) -> bool:
        """Something is written that only holds when it is applied."""
        return any(kind not in AT_ONCE for kind, dummy in self.differing)
