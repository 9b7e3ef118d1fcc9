# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what a loss took can be made again, and whether it fits where it has to go: per OSD, never by the sum."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ...model.ceph.refill import bytes_of_units, homeless, placed_after, places_left, refills, rule_of
from ...model.ceph.state import Pool
from .down import Out
from .outcomes import PoolLoss
from .reading import CephReading
from .words import listed, phrase

Placed = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Target:
    """An OSD that would have to hold more than it may. stops: pools that stop writing once it is full."""

    osd: int
    groups_now: int
    groups_then: int
    part_full: float
    stops: tuple[str, ...] = ()

    def __str__(self) -> str:
        return phrase(
            "osd.{osd} would have to hold {part_full:.0%} of its size ({groups_then} groups)",
            osd=self.osd,
            part_full=self.part_full,
            groups_then=self.groups_then,
        )


def targets(ceph: CephReading, placed: Placed, out: Collection[int]) -> tuple[Target, ...]:
    """Every OSD that stays and gets more than it has, the fullest first."""
    found = []
    for one in refills(ceph.data, placed, out):
        if one.groups_then > one.groups_now or one.part_full > ceph.data.cluster.nearfull:
            pools = _pools_on(one.osd, ceph, placed, out) if one.part_full > ceph.outlook.full else ()
            found.append(Target(one.osd, one.groups_now, one.groups_then, round(one.part_full, 3), pools))
    return tuple(sorted(found, key=lambda target: (-target.part_full, target.osd)))


def _pools_on(osd: int, ceph: CephReading, placed: Placed, out: Collection[int]) -> tuple[str, ...]:
    groups = ceph.data.groups or ()
    names = {ceph.data.pool_of(group).name for group in groups if osd in placed_after(group, ceph.data, placed, out)}
    return tuple(sorted(names))


def told(ceph: CephReading, touched: Collection[PoolLoss], out: Out) -> Iterator[str]:
    """What becomes of the copies that these pools lost, after the OSDs were marked out.

    CRUSH goes on to put data on those that are held in, where nobody takes it.
    """
    leaving, held = frozenset(out.osds), frozenset(osd for osd, dummy in out.held)
    pools = [one.pool for one in touched]
    lasting = [pool for pool in pools if _places(pool, ceph, leaving | held) == "too few"]
    for pool in lasting:
        yield _never(pool, ceph, leaving | held)
    rest = [pool for pool in pools if pool not in lasting]
    placed = ceph.placed.get(leaving)
    if not rest:
        return
    if held:
        yield phrase(
            "Whether {rest} is made whole then is unknown: what is meant for {held} waits until it is back.",
            rest=_names(rest),
            held=listed(f"osd.{number}" for number in held),
        )
    elif _unmeasured(ceph, leaving):
        yield phrase(
            "Whether the refill of {rest} fits is unknown: not every OSD says how full it is.", rest=_names(rest)
        )
    elif placed is not None:
        yield from _by_map(ceph, rest, placed, leaving)
    else:
        yield from _by_hosts(ceph, rest, leaving)


def _places(pool: Pool, ceph: CephReading, out: frozenset[int]) -> str:
    left = places_left(pool, ceph.data, out)
    return "unknown" if left is None else "too few" if left < pool.size else "enough"


def _never(pool: Pool, ceph: CephReading, out: frozenset[int]) -> str:
    left, rule = places_left(pool, ceph.data, out), rule_of(pool, ceph.data)
    domain = (
        phrase("places")
        if rule is None
        else phrase("{kind}s", kind=rule.failure_domain)
        if rule.failure_domain != "osd"
        else phrase("OSDs")
    )
    return phrase(
        "{name} is never refilled: {size} copies on different {domain}, and {left} {domain} are left. It stays "
        "as it is until they come back or others are added.",
        name=pool.name,
        size=pool.size,
        domain=domain,
        left=left,
    )


def _unmeasured(ceph: CephReading, out: frozenset[int]) -> bool:
    stay = [osd for osd in ceph.data.cluster.osds if osd.up and osd.is_in and osd.id not in out]
    return any(osd.id not in ceph.data.use or not ceph.data.use[osd.id].bytes_total for osd in stay)


def _by_map(ceph: CephReading, pools: Collection[Pool], placed: Placed, out: frozenset[int]) -> Iterator[str]:
    short = [(pool, groups) for pool in pools for groups in [homeless(pool, ceph.data, placed, out)] if groups]
    for pool, groups in short:
        yield phrase(
            "{name}: CRUSH finds too few OSDs for {number} groups; they are not refilled.",
            name=pool.name,
            number=len(groups),
        )
    limit = ceph.data.cluster.backfillfull
    filled = targets(ceph, placed, out)
    over = [target for target in filled if target.part_full > limit]
    for target in over:
        yield phrase(
            "The refill does not fit: {target}; above {limit:.0%} no data is moved to it, and the rest stays thin.",
            target=target,
            limit=limit,
        )
        if target.part_full > ceph.outlook.full:
            yield (
                phrase(
                    "New writes may fill osd.{osd} to {full:.0%}: then {stops} stop writing.",
                    osd=target.osd,
                    full=ceph.outlook.full,
                    stops=listed(target.stops),
                )
            )
    near = [one for one in filled if ceph.data.cluster.nearfull < one.part_full <= limit]
    for target in near:
        yield phrase(
            "osd.{osd} would be {part_full:.0%} full: Ceph warns (nearfull).",
            osd=target.osd,
            part_full=target.part_full,
        )
    whole = [pool for pool in pools if pool not in [one for one, dummy in short]]
    if whole and not over:
        yield phrase("{whole} is refilled on the OSDs that are left.", whole=_names(whole))


def _by_hosts(ceph: CephReading, pools: Collection[Pool], out: frozenset[int]) -> Iterator[str]:
    """Without the map only what has to lie on a unit can be counted: a lower bound."""
    limit = ceph.data.cluster.backfillfull
    units = bytes_of_units(ceph.data, out)
    over = {unit: found for unit, found in units.items() if found[0] > limit * found[1]}
    for (kind, name), (held, room) in sorted(over.items()):
        part = held / room if room else 1.0
        yield phrase(
            "The refill does not fit: {kind} {name} would have to hold {part:.0%} of its size ({limit:.0%} at most).",
            kind=kind,
            name=name,
            part=part,
            limit=limit,
        )
    if not over:
        yield phrase(
            "Whether the refill of {pools} fits is unknown: only the CRUSH map tells where data would go.",
            pools=_names(pools),
        )


def _names(pools: Collection[Pool]) -> str:
    return listed(pool.name for pool in pools)
