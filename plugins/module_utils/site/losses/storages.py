# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Storages and other servers after a loss: who holds their addresses, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.storage.servers import servers_of
from .addresses import holder_of
from .cell import Cell, State, unknown, worst
from .guests import GuestLoss, guest_loss
from .networks import on_dead_link
from .reading import Reading, Service
from .things import Thing
from .words import joined, listed, phrase

_MEANS: dict[Service, str] = {
    "dns": phrase("names are not resolved"),
    "gateway": phrase("other networks are not reached"),
    "time": phrase("clocks drift apart"),
    "quorum device": phrase("its votes are missing"),
    "backup": phrase("nothing is backed up or restored"),
    "controller": phrase("this collection is run from elsewhere"),
}


def cell(thing: Thing, reading: Reading) -> Cell:
    if reading.storages.value is None:
        return unknown(phrase("Which storages there are is not known ({why}).", why=reading.storages.why))
    found = guest_loss(thing, reading)
    lines = [*_broken(found, reading), *_services(thing, reading, found)]
    if reading.services.value is None:
        lines.append(("unknown", phrase("Who serves names and time is not known ({why}).", why=reading.services.why)))
    if reading.guests.value is None:
        lines.append(("unknown", phrase("Which guests serve or use storages is not known.")))
    gone = tuple(_for_good(found, reading))
    state = worst(*(one for one, dummy in lines), "lost" if gone else "fine")
    return Cell(state, _word(found, state), tuple(text for dummy, text in lines), tuple(_later(found, reading)), gone)


def _word(found: GuestLoss, state: State) -> str:
    names = sorted({*found.storages.broken, *(name for dummy, name in found.storages.cut)})
    return (
        phrase("{names}: nobody serves it", names=listed(names)) if names else "-" if state == "fine" else phrase(state)
    )


def _broken(found: GuestLoss, reading: Reading) -> Iterator[tuple[State, str]]:
    for name, why in sorted(found.storages.broken.items()):
        yield "stops", phrase("{name}: nobody serves it, for {why}. What uses it hangs.", name=name, why=why)
    for (node, name), why in sorted(found.storages.cut.items()):
        yield "stops", phrase("{name} is gone on {node}: {why}.", name=name, node=node, why=why)
    for (node, name), why in sorted(found.storages.unsure.items()):
        yield (
            "unknown",
            phrase("Whether {name} is reached from {node} is unknown: {why}.", name=name, node=node, why=why),
        )
    for name, why in sorted(found.storages.doubtful.items()):
        yield "unknown", phrase("{name}: unknown: {why}.", name=name, why=why)
    for told in rings(reading) if found.storages.broken else ():
        yield "stops", told


def _services(thing: Thing, reading: Reading, found: GuestLoss) -> Iterator[tuple[State, str]]:
    """A service goes on while one of its servers does."""
    for service, servers in sorted((reading.services.value or {}).items()):
        states = [_server(server, thing, reading, found) for server in servers]
        if not states or "fine" in states:
            continue
        if "unknown" in states:
            yield (
                "unknown",
                phrase(
                    "Whether {service} ({servers}) is still served is unknown.",
                    service=service,
                    servers=listed(servers),
                ),
            )
        else:
            holders = listed(str(holder_of(server, reading)) for server in servers)
            yield (
                "degraded",
                phrase(
                    "{service} ({servers}) is {holders}: {means}.",
                    service=service,
                    servers=listed(servers),
                    holders=holders,
                    means=_MEANS[service],
                ),
            )


def _server(server: str, thing: Thing, reading: Reading, found: GuestLoss) -> State:
    holder, after = holder_of(server, reading), found.after
    answers = {holder.goes_with(after.down), on_dead_link(thing, server, reading)}
    hangs = holder.guest is not None and holder.guest.guest.vmid in found.storages.hanging
    unsure = holder.goes_with(after.maybe) is not False
    unsure = unsure or (holder.guest is not None and holder.guest.guest.vmid in found.storages.uncertain)
    if hangs or True in answers:
        return "stops"
    return "unknown" if unsure or None in answers else "fine"


def _later(found: GuestLoss, reading: Reading) -> Iterator[str]:
    """A server that is an HA guest comes back on another node."""
    back = {fate.vmid: fate for fate in found.of("starts")}
    for name in sorted(found.storages.broken):
        for server in _servers(name, reading):
            holder = holder_of(server, reading).guest
            if holder is not None and holder.guest.vmid in back:
                yield phrase(
                    "{name} is served again once {vmid} has started elsewhere, after about 2 min.",
                    name=name,
                    vmid=holder.guest.vmid,
                )


def _servers(name: str, reading: Reading) -> list[str]:
    entry = (reading.storages.value or {}).get(name)
    return [] if entry is None else sorted(servers_of(entry))


def _for_good(found: GuestLoss, reading: Reading) -> Iterator[str]:
    """What a storage holds is where its server keeps it."""
    bare = {fate.vmid for fate in found.fates if fate.only_there}
    for name in sorted(found.storages.broken):
        for server in _servers(name, reading):
            holder = holder_of(server, reading)
            alone = holder.guest is None or holder.guest.guest.vmid in bare
            if holder.place in found.after.lost and alone:
                yield phrase(
                    "What {name} holds is kept by {holder}: gone if that never comes back.", name=name, holder=holder
                )


def rings(reading: Reading) -> Iterator[str]:
    """Storages that are served by a guest whose disk is, in the end, on the same storage: once off, never on again."""
    told: set[frozenset[tuple[str, str]]] = set()
    for name in sorted(reading.storages.value or {}):
        ring = _ring(name, reading)
        if ring and frozenset(ring) not in told:
            told.add(frozenset(ring))
            steps = [
                phrase("is served by {guest}, which is on {storage}", guest=guest, storage=storage)
                for guest, storage in ring
            ]
            way = joined(steps, "{one}; that {more}")
            yield phrase("A ring: {name} {way}. Once all of it is off, nothing of it starts again.", name=name, way=way)


def _ring(start: str, reading: Reading) -> tuple[tuple[str, str], ...]:
    """The way from a storage back to itself: (the guest that serves it, the storage that this guest is on), ..."""
    ways: list[tuple[tuple[str, str], ...]] = [()]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for step in _steps(way[-1][1] if way else start, reading):
            if step[1] == start:
                return (*way, step)
            if step[1] not in seen:
                seen.add(step[1])
                ways.append((*way, step))
    return ()


def _steps(name: str, reading: Reading) -> Iterator[tuple[str, str]]:
    for server in _servers(name, reading):
        holder = holder_of(server, reading).guest
        for volume in holder.guest.volumes if holder is not None else ():
            if holder is not None and volume.storage and not volume.snapshot:
                yield str(holder.guest), volume.storage
