# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph's data after a loss: what stops, for how long, what is made again, and what is gone for good."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Optional

from ...model.ceph.refill import rule_of
from ...model.ceph.state import Pool
from .cell import Cell, State, passing, unknown, worst
from .daemons import majority
from .down import NODOWN, Down, marked_down, marked_out
from .gone import Gone, gone_with
from .outcomes import PoolLoss, already_away, bound, pool_losses
from .reading import CephReading, Reading
from .refill import told as refill_told
from .resets import spread
from .things import Thing
from .words import listed, sentence, span


def cell(thing: Thing, reading: Reading) -> Cell:
    if reading.has_ceph.value is False:
        return Cell("fine", "-")
    ceph = reading.ceph.value
    if ceph is None:
        return unknown(f"Ceph's monitors did not answer ({reading.ceph.why}).")
    gone = gone_with(thing, reading, ceph)
    if not majority(ceph, gone).stands:
        state = worst("stops", *(one.state for one in pool_losses(ceph, gone.osds)))
        return Cell(state, "all pools stop", ("The monitors have no majority.",), (), _good(ceph, gone, ()))
    if ceph.data.groups is None:
        return _bounded(ceph, gone)
    found = pool_losses(ceph, gone.osds)
    down = marked_down(ceph, gone.osds)
    state = worst(*(_state(one, down) for one in found), "unknown" if gone.doubts or gone.unstable else "fine")
    at_once = (*_at_once(ceph, found, down), *_unstable(gone), *map(sentence, gone.doubts), *_moving(ceph, found))
    gone_for_good = (*_disk(thing), *_good(ceph, gone, found))
    return Cell(state, _word(found, down, state), at_once, tuple(_later(ceph, found, gone)), gone_for_good)


def _disk(thing: Thing) -> Iterator[str]:
    """What is on a disk does not come back with a switch."""
    if thing.kind == "disk" and thing.osds:
        names = listed(f"osd.{number}" for number in thing.osds)
        yield f"{names} {'is' if len(thing.osds) == 1 else 'are'} lost for good, with data or database on this disk."


def pool_states(thing: Thing, reading: Reading) -> Mapping[str, State]:
    """What becomes of every pool, with the nodes that are reset as well; a pool that is not there is not known."""
    certain, perhaps = spread(thing, reading)
    states = _pool_states(thing, reading)
    again = _pool_states(certain, reading) if certain != thing else states
    found = {name: worst(state, passing(again[name])) for name, state in states.items()}
    if perhaps != certain:
        worse = _pool_states(perhaps, reading)
        found = {
            name: worst(state, "unknown" if worse[name] != again[name] else state) for name, state in found.items()
        }
    return found


def _pool_states(thing: Thing, reading: Reading) -> Mapping[str, State]:
    ceph = reading.ceph.value
    if ceph is None:
        return {}
    gone = gone_with(thing, reading, ceph)
    pools = ceph.data.cluster.pools
    if not majority(ceph, gone).stands:
        return {pool.name: "stops" for pool in pools}
    if ceph.data.groups is None:
        most = {pool.name: bound(pool, ceph, gone.osds) for pool in pools}
        return {pool.name: "stops" if _below(most[pool.name], pool) else "unknown" for pool in pools}
    down = marked_down(ceph, gone.osds)
    doubt: State = "unknown" if gone.doubts or gone.unstable else "fine"
    return {one.pool.name: worst(_state(one, down), doubt) for one in pool_losses(ceph, gone.osds)}


def _below(most: Optional[int], pool: Pool) -> bool:
    return most is not None and most < pool.min_size


def _state(one: PoolLoss, down: Down) -> State:
    return worst(one.state, "stops") if down.slow and one.touched else one.state


def _bounded(ceph: CephReading, gone: Gone) -> Cell:
    """Nobody tells of placement groups: what the monitors know may say that a pool stops, never that it does not."""
    stopped = []
    for pool in sorted(ceph.data.cluster.pools, key=lambda one: one.name):
        most = bound(pool, ceph, gone.osds)
        if _below(most, pool):
            stopped.append(f"{pool.name} stops: at most {most} of {pool.size} copies can be up.")
    off = [osd.id for osd in ceph.data.cluster.osds if not osd.up and not osd.destroyed]
    certain = [f"Down for certain: {listed(f'osd.{number}' for number in off)}."] if off else []
    why = f"How the data is, nobody says: {ceph.data.silence}; numbers in ceph status have no age."
    return Cell("stops" if stopped else "unknown", "stops" if stopped else "unknown", (why, *stopped, *certain))


def _word(found: Collection[PoolLoss], down: Down, state: State) -> str:
    """The worst of every pool."""
    lost = [one.pool.name for one in found if one.state == "lost"]
    stops = [one.pool.name for one in found if _state(one, down) == "stops"]
    words = [f"{listed(stops)} {'stops' if len(stops) == 1 else 'stop'}"] if stops else []
    words += [f"{listed(lost)}: data only on what is lost"] if lost else []
    if words or state == "unknown":
        return "; ".join([*words, *(["unknown"] if state == "unknown" else [])])
    touched = [one.left for one in found if one.touched]
    return f"goes on, {min(touched)} {'copy' if min(touched) == 1 else 'copies'}" if touched else "untouched"


def _at_once(ceph: CephReading, found: Collection[PoolLoss], down: Down) -> Iterator[str]:
    for one in found:
        yield from _pool_words(one, ceph)
    touched = [one for one in found if one.touched]
    if not touched:
        return
    names = listed(one.pool.name for one in touched)
    if down.after is None:
        why = "too few are up (mon_osd_min_up_ratio)" if NODOWN not in ceph.data.flags else "the flag nodown is set"
        yield f"{names} hang without end: OSDs stop being marked down while {why}."
    elif down.slow:
        yield (
            f"{names}: everything in the touched groups hangs for up to {span(down.after)}, then goes on:"
            f" {down.reporters} of {down.needed} hosts are left to say that the OSDs are down."
        )
    else:
        yield f"The touched groups hang for about {span(down.after)} until the OSDs are called down."


def _pool_words(one: PoolLoss, ceph: CephReading) -> Iterator[str]:
    name, noun = one.pool.name, "pieces" if one.pool.erasure_coded else "copies"
    if one.stopped:
        yield f"{name} stands already: {_ids(one.stopped)} cannot be read."
    if stops := one.groups.get("stops"):
        few = f"fewer {noun} than min_size {one.pool.min_size}"
        yield f"{name} stops: {_ids(stops)} would have {few}; nothing of it is lost."
    if bare := one.groups.get("no whole copy"):
        yield f"{name} stops: of {_ids(bare)} too few {noun} are left to read it."
        if empty := [group for group in bare if group in one.empty]:
            yield f"{_ids(empty)} has no objects: nothing to lose."
    if newest := one.groups.get("newest only there"):
        yield f"{name}: {_ids(newest)} goes on, its newest data only on what is lost: objects are unfound."
    if fewer := one.groups.get("fewer copies"):
        yield f"{name} goes on: {len(fewer)} groups with fewer {noun}, {one.left} at least."
    if doubtful := one.groups.get("unknown"):
        yield f"{name}: what becomes of {_ids(doubtful)} is unknown."
    rule = rule_of(one.pool, ceph.data)
    if one.state in ("stops", "lost") and rule is not None and rule.failure_domain == "osd":
        yield f"The rule {rule.name} of {name} places copies by osd, so several may lie on one node."


def _ids(groups: Collection[str]) -> str:
    shown = list(groups)[:5]
    return listed(shown) if len(groups) <= 5 else f"{', '.join(shown)} and {len(groups) - 5} more groups"


def _unstable(gone: Gone) -> Iterator[str]:
    if gone.unstable:
        yield (
            f"Ceph's cluster network is lost on {listed(gone.unstable)}, its public network is not: OSDs are reported"
            " down and come back, again and again. What stops cannot be foretold."
        )


def _moving(ceph: CephReading, found: Collection[PoolLoss]) -> Iterator[str]:
    if ceph.outlook.balancer and any(one.groups.get("stops") for one in found):
        yield "The balancer is on and may move groups: what stops is at most this."


def _later(ceph: CephReading, found: Collection[PoolLoss], gone: Gone) -> Iterator[str]:
    away = list(already_away(ceph))
    out = marked_out(ceph, gone.osds)
    if away and any(one.state not in ("fine",) for one in found):
        times = [
            span(max(0.0, ceph.outlook.settings.down_out_interval - ceph.outlook.down_for[number]))
            for number in away
            if number in ceph.outlook.down_for
        ]
        when = f" in about {times[0]}" if times else ""
        names = listed(f"osd.{number}" for number in away)
        yield f"This holds until {names} is out{when} and its groups are whole again."
    touched = [one for one in found if one.touched]
    if not touched or not gone.osds:
        return
    yield from _site_words(ceph, found, gone)
    held = sorted({why for number, why in out.held if number in gone.osds})
    for why in held:
        numbers = [f"osd.{number}" for number, reason in out.held if reason == why and number in gone.osds]
        yield f"{listed(numbers)} stays in, and nothing is made again: {why}."
    if set(out.osds) & gone.osds:
        yield f"After {span(out.after)} the lost OSDs are marked out, and what they held is made again where it can be."
        yield from refill_told(ceph, touched, out)


def _site_words(ceph: CephReading, found: Collection[PoolLoss], gone: Gone) -> Iterator[str]:
    """Stretch mode gives a site up only when its monitors are lost with it."""
    stretch = ceph.outlook.stretch
    if stretch is None or stretch.degraded or not any(one.groups.get("stops") for one in found):
        return
    there = {name: site for name, site in stretch.locations.items() if name in ceph.data.monitors.quorum}
    dead = {site for site in there.values() if all(name in gone.monitors for name, at in there.items() if at == site)}
    if dead - {stretch.locations.get(stretch.tiebreaker, "")}:
        yield "Some 20 s later Ceph gives the site up by itself (min_size 1), and the pools go on."
    else:
        yield "The site's monitors are still there, so Ceph does not give it up: the pools stand until OSDs are back."


def _good(ceph: CephReading, gone: Gone, found: Collection[PoolLoss]) -> tuple[str, ...]:
    if ceph.data.groups is None:
        return ("What would be gone is unknown: nobody tells of placement groups.",)
    words = []
    for one in found or pool_losses(ceph, gone.osds):
        bare = [group for group in one.groups.get("no whole copy", ()) if group not in one.empty]
        if bare:
            words.append(f"{one.pool.name}: the data of {_ids(bare)} is gone.")
        if newest := one.groups.get("newest only there"):
            words.append(f"{one.pool.name}: the newest writes to {_ids(newest)} are gone.")
        if doubtful := one.groups.get("unknown"):
            words.append(f"{one.pool.name}: whether data of {_ids(doubtful)} is gone is unknown.")
    return tuple(words)
