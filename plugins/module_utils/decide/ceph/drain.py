# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the data of OSDs that go could not go: it is held where it is, or there are too few places, or too little room.

The same for one OSD that is replaced and for all OSDs of a node that leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ...engine.plan import Refusal
from ...model.ceph.refill import bytes_of_units, homeless, places_left, refills, rule_of, staying
from ...model.ceph.safety import CephData, ObservedSafety, OsdSafety
from ...model.ceph.state import Pool
from .health import refuse_health, situations_of
from .safety import names, refuse_silent_manager

#: Flags with which data does not move away from an OSD that is out.
_HOLDING = ("noout", "norebalance", "norecover", "nobackfill", "pause", "noin")
_GIVE_UP = "Add a place for the data first, or name the OSD in give_up. Ceph then makes the data again afterwards."


@dataclass(frozen=True)
class Short:
    """Pools that lack places, and all lack the same. ``units``: what the places are."""

    pools: tuple[str, ...]
    size: int
    left: int
    units: str
    stops_below: int

    def __str__(self) -> str:
        more = len(self.pools) > 1
        pools = f"The pools {', '.join(self.pools)} keep" if more else f"The pool {self.pools[0]} keeps"
        stops = (
            f" With fewer than {self.stops_below} copies they stop serving data."
            if self.left < self.stops_below
            else ""
        )
        return (
            f"{pools} {self.size} copies on different {self.units}, but only {self.left} would be left, so Ceph could"
            f" never make all copies again.{stops}"
        )


def refuse_drain(observed: ObservedSafety, tolerated: Collection[str]) -> list[Refusal]:
    """Why OSDs of a node that stays are not marked out."""
    data, safety, who = observed.data, observed.osds, names(observed.osds.osds)
    refusals = [
        *refuse_health(data, {"osd", *situations_of(data, safety.osds)}, tolerated),
        *refuse_flags(data, who),
        *(Refusal(str(short), _GIVE_UP) for short in short_of_places(data, safety.osds)),
        *refuse_homeless(data, safety, who),
    ]
    return refusals or list(refuse_full(data, safety, who))


def refuse_flags(data: CephData, who: str) -> Iterator[Refusal]:
    held = sorted(data.flags & set(_HOLDING))
    if held:
        reason = f"The flag {', '.join(held)} is set in Ceph. While it is set, no data moves away from {who}."
        yield Refusal(reason, f"Unset it: ceph osd unset {held[0]}.")


def short_of_places(data: CephData, leaving: Collection[int]) -> list[Short]:
    """Pools that lack the same are named together, by name: the cluster lists them as they were made."""
    found: dict[tuple[int, int, str, int], list[str]] = {}
    for pool in sorted(data.cluster.pools, key=lambda one: one.name):
        left = places_left(pool, data, leaving)
        if left is not None and left < pool.size:
            units = _units(pool, data)
            found.setdefault((pool.size, left, units, pool.min_size), []).append(pool.name)
    return [Short(tuple(pools), *rest) for rest, pools in found.items()]


def _units(pool: Pool, data: CephData) -> str:
    rule = rule_of(pool, data)
    domain = "unit" if rule is None else rule.failure_domain
    return {"osd": "OSDs", "host": "hosts with OSDs"}.get(domain, f"{domain}s with OSDs")


def refuse_homeless(data: CephData, safety: OsdSafety, who: str) -> Iterator[Refusal]:
    """Pools whose places cannot be counted, and those that CRUSH finds no place for although there are enough."""
    for pool in sorted(data.cluster.pools, key=lambda one: one.name):
        counted = places_left(pool, data, safety.osds)
        if counted is not None and counted < pool.size:
            continue
        if safety.placed is None and counted is None:
            rule = rule_of(pool, data)
            domain = "unknown" if rule is None else rule.failure_domain
            text = f"This node cannot tell whether the pool {pool.name} has enough places without {who}"
            reason = f"{text} (failure domain {domain})."
            yield Refusal(reason, "Run this on a node that has crushtool, which comes with the package ceph-base.")
        elif safety.placed is not None:
            groups = homeless(pool, data, safety.placed, safety.osds)
            if groups:
                text = (
                    f"Without {who} CRUSH finds too few OSDs for {len(groups)} placement groups of the pool {pool.name}"
                )
                yield Refusal(f"{text} ({', '.join(groups[:3])}).", "Add OSDs first.")


def refuse_full(data: CephData, safety: OsdSafety, who: str) -> Iterator[Refusal]:
    """All that is stored must fit on what is left, and on every single OSD what CRUSH gives it."""
    known = list(_refuse_unknown_use(data, who))
    if known:
        yield from known
        return
    stay = staying(data, safety.osds)
    held = sum(data.use[number].bytes_used for number in {*safety.osds, *(osd.id for osd in stay)})
    room = sum(data.use[osd.id].bytes_total for osd in stay)
    limit = data.cluster.nearfull
    if held > limit * room:
        yield Refusal(
            f"Without {who} the other OSDs would be {held * 100 // max(room, 1)} % full. The limit is {limit:.0%}.",
            "Add OSDs or delete data first.",
        )
    elif safety.placed is not None:
        yield from _refuse_full_osds(data, safety, who)
    else:
        yield from _refuse_full_units(data, safety, who)


def _refuse_unknown_use(data: CephData, who: str) -> Iterator[Refusal]:
    yield from refuse_silent_manager(data)
    untold = data.cluster.untold({number: use.bytes_total for number, use in data.use.items()})
    missing = [osd.id for osd in data.cluster.osds if osd.is_in and osd.id not in data.use]
    if data.groups is not None and (untold or missing):
        reason = (
            f"Ceph's manager does not know yet how full {names(sorted({*untold, *missing}))} is, so nobody can tell"
        )
        yield Refusal(
            f"{reason} whether the data of {who} fits on the other OSDs.",
            "An OSD that has just started tells it within seconds. `ceph osd df` shows when it has.",
        )


def _refuse_full_osds(data: CephData, safety: OsdSafety, who: str) -> Iterator[Refusal]:
    """Where more than that is to lie, Ceph stops moving data, and what does not fit keeps fewer copies."""
    limit = data.cluster.backfillfull
    over = [one for one in refills(data, safety.placed or {}, safety.osds) if one.part_full > limit]
    if over:
        found = ", ".join(f"osd.{one.osd} {one.part_full:.0%}" for one in sorted(over, key=lambda one: -one.part_full))
        yield Refusal(
            f"Without {who} some OSDs would become too full ({found}). Ceph moves no data to an OSD that is more than"
            f" {limit:.0%} full.",
            "Add OSDs or delete data first.",
        )


def _refuse_full_units(data: CephData, safety: OsdSafety, who: str) -> Iterator[Refusal]:
    for (kind, name), (held, room) in sorted(bytes_of_units(data, safety.osds).items()):
        if held > data.cluster.nearfull * room:
            part = held * 100 // max(room, 1)
            full = f"Without {who} the OSDs of the {kind} {name} would be {part} % full"
            reason = f"{full}, as every {kind} has to keep a copy"
            yield Refusal(f"{reason}. The limit is {data.cluster.nearfull:.0%}.", "Add OSDs there first.")
            return
