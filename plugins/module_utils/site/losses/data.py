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
from .words import joined, listed, phrase, sentence, span, verb


def cell(thing: Thing, reading: Reading) -> Cell:
    if reading.has_ceph.value is False:
        return Cell("fine", "-")
    ceph = reading.ceph.value
    if ceph is None:
        return unknown(phrase("Ceph's monitors did not answer ({why}).", why=reading.ceph.why))
    gone = gone_with(thing, reading, ceph)
    if not majority(ceph, gone).stands:
        state = worst("stops", *(one.state for one in pool_losses(ceph, gone.osds)))
        return Cell(
            state, phrase("all pools stop"), (phrase("The monitors have no majority."),), (), _good(ceph, gone, ())
        )
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
        yield phrase(
            "{names} {verb} lost for good, with data or database on this disk.",
            names=names,
            verb=verb(thing.osds, "is", "are"),
        )


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
            stopped.append(
                phrase(
                    "{name} stops: at most {most} of {size} copies can be up.",
                    name=pool.name,
                    most=most,
                    size=pool.size,
                )
            )
    off = [osd.id for osd in ceph.data.cluster.osds if not osd.up and not osd.destroyed]
    certain = [phrase("Down for certain: {osds}.", osds=listed(f"osd.{number}" for number in off))] if off else []
    why = phrase(
        "How the data is, nobody says: {silence}; numbers in ceph status have no age.", silence=ceph.data.silence
    )
    state: State = "stops" if stopped else "unknown"
    return Cell(state, phrase(state), (why, *stopped, *certain))


def _word(found: Collection[PoolLoss], down: Down, state: State) -> str:
    """The worst of every pool."""
    lost = [one.pool.name for one in found if one.state == "lost"]
    stops = [one.pool.name for one in found if _state(one, down) == "stops"]
    words = [phrase("{pools} {stop}", pools=listed(stops), stop=verb(stops, "stops", "stop"))] if stops else []
    words += [phrase("{lost}: data only on what is lost", lost=listed(lost))] if lost else []
    if words or state == "unknown":
        return joined([*words, *([phrase("unknown")] if state == "unknown" else [])])
    touched = [one.left for one in found if one.touched]
    return (
        phrase("goes on, {left} {copies}", left=min(touched), copies="copy" if min(touched) == 1 else "copies")
        if touched
        else phrase("untouched")
    )


def _at_once(ceph: CephReading, found: Collection[PoolLoss], down: Down) -> Iterator[str]:
    for one in found:
        yield from _pool_words(one, ceph)
    touched = [one for one in found if one.touched]
    if not touched:
        return
    names = listed(one.pool.name for one in touched)
    if down.after is None:
        why = (
            phrase("too few are up (mon_osd_min_up_ratio)")
            if NODOWN not in ceph.data.flags
            else phrase("the flag nodown is set")
        )
        yield phrase("{names} hang without end: OSDs stop being marked down while {why}.", names=names, why=why)
    elif down.slow:
        yield (
            phrase(
                "{names}: everything in the touched groups hangs for up to {time}, then goes on: {reporters} "
                "of {needed} hosts are left to say that the OSDs are down.",
                names=names,
                time=span(down.after),
                reporters=down.reporters,
                needed=down.needed,
            )
        )
    else:
        yield phrase("The touched groups hang for about {time} until the OSDs are called down.", time=span(down.after))


def _pool_words(one: PoolLoss, ceph: CephReading) -> Iterator[str]:
    name, noun = one.pool.name, phrase("pieces") if one.pool.erasure_coded else phrase("copies")
    if one.stopped:
        yield phrase("{name} stands already: {stopped} cannot be read.", name=name, stopped=_ids(one.stopped))
    if stops := one.groups.get("stops"):
        few = phrase("fewer {noun} than min_size {min_size}", noun=noun, min_size=one.pool.min_size)
        yield phrase(
            "{name} stops: {stops} would have {few}; nothing of it is lost.", name=name, stops=_ids(stops), few=few
        )
    if bare := one.groups.get("no whole copy"):
        yield phrase(
            "{name} stops: of {bare} too few {noun} are left to read it.", name=name, bare=_ids(bare), noun=noun
        )
        if empty := [group for group in bare if group in one.empty]:
            yield phrase("{empty} has no objects: nothing to lose.", empty=_ids(empty))
    if newest := one.groups.get("newest only there"):
        yield phrase(
            "{name}: {newest} goes on, its newest data only on what is lost: objects are unfound.",
            name=name,
            newest=_ids(newest),
        )
    if fewer := one.groups.get("fewer copies"):
        yield phrase(
            "{name} goes on: {number} groups with fewer {noun}, {left} at least.",
            name=name,
            number=len(fewer),
            noun=noun,
            left=one.left,
        )
    if doubtful := one.groups.get("unknown"):
        yield phrase("{name}: what becomes of {doubtful} is unknown.", name=name, doubtful=_ids(doubtful))
    rule = rule_of(one.pool, ceph.data)
    if one.state in ("stops", "lost") and rule is not None and rule.failure_domain == "osd":
        yield phrase(
            "The rule {rule} of {name} places copies by osd, so several may lie on one node.",
            rule=rule.name,
            name=name,
        )


def _ids(groups: Collection[str]) -> str:
    shown = list(groups)[:5]
    return (
        listed(shown)
        if len(groups) <= 5
        else phrase("{groups} and {number} more groups", groups=joined(shown, "{one}, {more}"), number=len(groups) - 5)
    )


def _unstable(gone: Gone) -> Iterator[str]:
    if gone.unstable:
        yield (
            phrase(
                "Ceph's cluster network is lost on {unstable}, its public network is not: OSDs are reported "
                "down and come back, again and again. What stops cannot be foretold.",
                unstable=listed(gone.unstable),
            )
        )


def _moving(ceph: CephReading, found: Collection[PoolLoss]) -> Iterator[str]:
    if ceph.outlook.balancer and any(one.groups.get("stops") for one in found):
        yield phrase("The balancer is on and may move groups: what stops is at most this.")


def _later(ceph: CephReading, found: Collection[PoolLoss], gone: Gone) -> Iterator[str]:
    away = list(already_away(ceph))
    out = marked_out(ceph, gone.osds)
    if away and any(one.state not in ("fine",) for one in found):
        times = [
            span(max(0.0, ceph.outlook.settings.down_out_interval - ceph.outlook.down_for[number]))
            for number in away
            if number in ceph.outlook.down_for
        ]
        when = phrase(" in about {times}", times=times[0]) if times else ""
        names = listed(f"osd.{number}" for number in away)
        yield phrase("This holds until {names} is out{when} and its groups are whole again.", names=names, when=when)
    touched = [one for one in found if one.touched]
    if not touched or not gone.osds:
        return
    yield from _site_words(ceph, found, gone)
    held = sorted({why for number, why in out.held if number in gone.osds})
    for why in held:
        numbers = [f"osd.{number}" for number, reason in out.held if reason == why and number in gone.osds]
        yield phrase("{numbers} stays in, and nothing is made again: {why}.", numbers=listed(numbers), why=why)
    if set(out.osds) & gone.osds:
        yield phrase(
            "After {time} the lost OSDs are marked out, and what they held is made again where it can be.",
            time=span(out.after),
        )
        yield from refill_told(ceph, touched, out)


def _site_words(ceph: CephReading, found: Collection[PoolLoss], gone: Gone) -> Iterator[str]:
    """Stretch mode gives a site up only when its monitors are lost with it."""
    stretch = ceph.outlook.stretch
    if stretch is None or stretch.degraded or not any(one.groups.get("stops") for one in found):
        return
    there = {name: site for name, site in stretch.locations.items() if name in ceph.data.monitors.quorum}
    dead = {site for site in there.values() if all(name in gone.monitors for name, at in there.items() if at == site)}
    if dead - {stretch.locations.get(stretch.tiebreaker, "")}:
        yield phrase("Some 20 s later Ceph gives the site up by itself (min_size 1), and the pools go on.")
    else:
        yield phrase(
            "The site's monitors are still there, so Ceph does not give it up: the pools stand until OSDs are back."
        )


def _good(ceph: CephReading, gone: Gone, found: Collection[PoolLoss]) -> tuple[str, ...]:
    if ceph.data.groups is None:
        return (phrase("What would be gone is unknown: nobody tells of placement groups."),)
    words = []
    for one in found or pool_losses(ceph, gone.osds):
        bare = [group for group in one.groups.get("no whole copy", ()) if group not in one.empty]
        if bare:
            words.append(phrase("{name}: the data of {bare} is gone.", name=one.pool.name, bare=_ids(bare)))
        if newest := one.groups.get("newest only there"):
            words.append(
                phrase("{name}: the newest writes to {newest} are gone.", name=one.pool.name, newest=_ids(newest))
            )
        if doubtful := one.groups.get("unknown"):
            words.append(
                phrase(
                    "{name}: whether data of {doubtful} is gone is unknown.",
                    name=one.pool.name,
                    doubtful=_ids(doubtful),
                )
            )
    return tuple(words)
