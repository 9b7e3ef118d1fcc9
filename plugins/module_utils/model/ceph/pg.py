# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many placement groups a pool gets. Pure arithmetic, used by ceph_pool, ceph_fs and the filter ``pg_num``.

Upstream rules this follows:

* Ceph, "Placement Groups": about 100 placement groups per OSD, ``OSDs * 100 * share / size``, as a power of two.
* Ceph's monitors refuse what would put more than ``mon_max_pg_per_osd`` (250) placement group replicas on an OSD:
  the sum of ``pg_num * size`` over all pools, divided by the number of OSDs. The cap here never goes beyond that.
* The table: Ceph's "preselection of pg_num" up to release Mimic (less than 5 OSDs 128, between 5 and 10 512,
  between 10 and 50 4096). Both its edges were ambiguous; here 5 and 10 belong to 512, 50 to 4096.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

Mode = Literal["autoscale", "calculated", "table"]
AUTOSCALE: Mode = "autoscale"
CALCULATED: Mode = "calculated"
TABLE: Mode = "table"
MODES: tuple[Mode, ...] = (AUTOSCALE, CALCULATED, TABLE)

#: Ceph's target for the number of placement groups on one OSD (``mon_target_pg_per_osd``).
TARGET_PER_OSD = 100
#: Where the autoscaler starts from (``osd_pool_default_pg_num``).
INITIAL = 32
#: The largest pg_num that pveceph accepts.
LARGEST = 32768


@dataclass(frozen=True)
class Room:
    """What may still be placed: ``limit`` placement group replicas per OSD, of which ``used`` exist in total."""

    osds: int
    used: int = 0
    limit: int = 250

    def fits(self, size: int) -> int:
        """The largest pg_num of a pool with this many replicas that keeps every OSD within the limit."""
        return max(0, (self.osds * self.limit - self.used) // size)

    def after(self, pg_num: int, size: int) -> Room:
        """The room that is left when such a pool exists."""
        return Room(self.osds, self.used + pg_num * size, self.limit)


@dataclass(frozen=True)
class Choice:
    """``pg_num`` is 0 when there is no room for even one placement group. ``reason``: a sentence for the plan."""

    pg_num: int
    reason: str
    capped: bool = False


def choose(
    mode: Mode, room: Room, size: int, share: float = 1.0, at_least: Optional[int] = None, size_at_first: int = 0
) -> Choice:
    """The pg_num of a new pool.

    share: the part of all data that is expected in this pool (0 < share <= 1), used by ``calculated``.
    at_least: the pool's ``pg_num_min``, where the autoscaler starts from if it is more than 32.
    size_at_first: replicas that the pool has for a moment while it is made, which must have room too.
    """
    if mode == CALCULATED:
        choice = _calculated(room.osds, size, share)
    elif mode == TABLE:
        choice = _table(room.osds, size, share)
    else:
        choice = Choice(max(INITIAL, at_least or 0), "the autoscaler starts from here")
    return _capped(choice, room, max(size, size_at_first))


def moved_part(before: int, after: int) -> float:
    """The part of a pool's data that moves when pg_num is raised: what lands in the new groups is placed anew."""
    return 0.0 if after <= before else 1 - before / after


def nearest_power_of_two(number: float) -> int:
    """At least 1; half way between two powers, the higher one."""
    lower = 1
    while lower * 2 <= number:
        lower *= 2
    return lower * 2 if number - lower >= lower * 2 - number and number > lower else lower


def _power_of_two_up_to(number: int) -> int:
    return 1 << (number.bit_length() - 1) if number > 0 else 0


def _calculated(osds: int, size: int, share: float) -> Choice:
    exact = osds * TARGET_PER_OSD * share / size
    pg_num = min(nearest_power_of_two(exact), LARGEST)
    part = f"{osds} OSDs * {TARGET_PER_OSD} * share {share:.2f} / size {size} = {exact:.0f}"
    return Choice(pg_num, f"{part}, nearest power of two {pg_num}")


def _table(osds: int, size: int, share: float) -> Choice:
    if osds < 5:
        return Choice(128, f"{osds} OSDs: less than 5")
    if osds <= 10:
        return Choice(512, f"{osds} OSDs: 5 to 10")
    if osds <= 50:
        return Choice(4096, f"{osds} OSDs: 11 to 50")
    calculated = _calculated(osds, size, share)
    return Choice(calculated.pg_num, f"{osds} OSDs: beyond the table, so {calculated.reason}")


def _capped(choice: Choice, room: Room, size: int) -> Choice:
    fits = room.fits(size)
    if choice.pg_num <= fits:
        return choice
    cap = _power_of_two_up_to(fits)
    limit = f"mon_max_pg_per_osd = {room.limit} leaves room for {fits} on {room.osds} OSDs ({room.used} replicas exist)"
    return Choice(cap, f"{choice.pg_num} by rule ({choice.reason}), but {limit}", capped=True)
