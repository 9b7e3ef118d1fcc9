# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When an owner's machines end: with the last of the days that are declared and to which it was put off."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.day import end_of_day
from ...model.guest.fleet import NEVER, DesiredFleet
from ...model.guest.fleet_mark import OwnerMark

_DAY = 86400


@dataclass(frozen=True)
class End:
    """``day``: the last one, or never. ``moment``: when it is over, by the clocks of the nodes; 0 of never."""

    day: str
    moment: int

    def is_over(self, clock: int) -> bool:
        return 0 < self.moment <= clock

    def is_near(self, clock: int, days: int) -> bool:
        return 0 < self.moment <= clock + days * _DAY


def end_of(fleet: DesiredFleet, declared: str, mark: OwnerMark) -> End:
    """``declared``: of the owner alone, or nothing. Days are compared as texts: YYYY-MM-DD."""
    day = declared or fleet.expires
    if day == NEVER:
        return End(NEVER, 0)
    day = max(day, mark.extended)
    return End(day, end_of_day(day, fleet.zone))
