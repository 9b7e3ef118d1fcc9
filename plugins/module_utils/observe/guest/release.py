# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API all that decides whether a guest may be destroyed; what it does not tell is not taken for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Optional
from urllib.parse import quote

from ...engine.errors import Unreadable
from ...engine.reader import NODE, Reader
from ...model.access import names, need
from ...model.access.access import Entry
from ...model.guest.backup import Held, owner_of, volumes_of
from ...model.guest.fleet import DesiredFleet, ObservedFleets
from ...model.guest.fleet_mark import OwnerMark, parse_owner_mark
from ...model.guest.mark import parse_mark
from ...model.guest.observed import ListedGuest
from ...model.guest.release import (
    BACKUP,
    CLOCKS_APART,
    Account,
    Archive,
    DesiredRelease,
    GuestTask,
    ObservedRelease,
    Scope,
    account_paths,
)
from ..access.access import observe_rights
from . import fleet
from .machines import Rows

_VZDUMP = "vzdump"
_EVERY = 5000
_HERE = "the controller"


def observe(reader: Reader, desired: DesiredRelease) -> ObservedRelease:
    fleets = fleet.observe(reader, desired.scope.fleets)
    if fleets.lacking or not fleets.quorate:
        return ObservedRelease(fleets)
    rows = reader.get(fleet.RESOURCES)
    concerned = dict(guests_of(desired.scope, fleets))
    guests = {**fleets.guests, **as_they_run(reader, fleets, concerned)}
    missing = [guest for vmid, guest in guests.items() if vmid not in fleets.configs]
    fleets = replace(fleets, guests=guests, configs={**fleets.configs, **fleet.read_configs(reader, missing)})
    everywhere = {row["node"]: row.get("status") == "online" for row in rows if row.get("type") == "node"}
    nodes = sorted(node for node, up in everywhere.items() if up)
    times = reader.get_many([f"/nodes/{node}/time" for node in nodes], NODE)
    users, acl, ha, jobs = reader.get_many(
        ("/access/users?full=1", "/access/acl", "/cluster/ha/resources", "/cluster/replication")
    )
    archives = dict(_archives(reader, rows, fleets, concerned))
    tasks = {vmid: _tasks(reader, nodes, vmid, mark) for vmid, (dummy, mark) in concerned.items() if mark.released}
    accounts = {row["userid"]: _account(row) for row in users}
    left, silent = _left(reader, rows, desired.scope, fleets)
    return ObservedRelease(
        fleets,
        clocks={_HERE: _time_here(reader), **{node: int(told["time"]) for node, told in zip(nodes, times)}},
        off=sorted(set(everywhere) - set(nodes)),
        volumes=held_volumes(reader, fleets),
        archives=archives,
        tasks=tasks,
        remembered=frozenset(_remembered(fleets, archives, tasks)),
        accounts=accounts,
        acl=sorted(Entry(row["path"], row["type"], row["ugid"], row["roleid"]) for row in acl),
        ha=frozenset(row["sid"] for row in ha),
        replicated=frozenset(int(row["guest"]) for row in jobs),
        left=left,
        silent=silent,
        rights=_rights(reader, desired.scope, fleets, concerned, accounts),
    )


def _rights(
    reader: Reader,
    scope: Scope,
    fleets: ObservedFleets,
    concerned: Mapping[int, tuple[DesiredFleet, OwnerMark]],
    accounts: Mapping[str, Account],
) -> Optional[Mapping[str, need.Held]]:
    """Where whoever asks has to have something to give machines back; None of root@pam, who has all."""
    if scope.fleets.caller == names.ROOT:
        return None
    paths = {"/", *(f"/vms/{vmid}" for vmid in concerned)}
    paths |= {f"/storage/{whole.release.backup_to}" for whole, dummy in concerned.values() if whole.release is not None}
    for pool, mark in _meant(scope, fleets).items():
        paths.add(names.pool_path(pool))
        account = accounts.get(mark.owner)
        paths |= set(account_paths(mark.owner, account)) if account is not None else set()
    return observe_rights(reader, paths)


def _time_here(reader: Reader) -> int:
    """All nodes may have the same wrong time, such as from one server; whoever gives the order has another clock."""
    told = reader.run("date", "+%s")
    if told.rc != 0:
        raise Unreadable(f"The controller does not tell what time it is: {told.stderr.strip()}.")
    return int(told.stdout)


def guests_of(scope: Scope, fleets: ObservedFleets) -> Iterator[tuple[int, tuple[DesiredFleet, OwnerMark]]]:
    """Guests whose ids the pools of those owners name → their fleet, and what the pool says."""
    for mark in _meant(scope, fleets).values():
        whole = scope.fleets.fleet(mark.fleet)
        if whole is not None:
            ids = (whole.ids.start + number for number in mark.numbers.values())
            yield from ((vmid, (whole, mark)) for vmid in ids if vmid in fleets.configs)


def _meant(scope: Scope, fleets: ObservedFleets) -> Mapping[str, OwnerMark]:
    """Pools of owners whom it is about, and what they say."""
    marks = {pool: parse_owner_mark(comment) for pool, comment in sorted(fleets.pools.items())}
    known = {pool: mark for pool, mark in marks.items() if mark is not None and scope.fleets.fleet(mark.fleet)}
    return {pool: mark for pool, mark in known.items() if _is_meant(scope, mark)}


def _is_meant(scope: Scope, mark: OwnerMark) -> bool:
    return scope.fleet in ("", mark.fleet) and (not scope.owners or mark.owner in scope.owners)


def as_they_run(reader: Reader, fleets: ObservedFleets, vmids: Iterable[int]) -> Mapping[int, ListedGuest]:
    """What the list of the cluster tells of them may be some seconds old."""
    asked = [fleets.guests[vmid] for vmid in sorted(vmids)]
    told = reader.get_many([f"{guest.path}/status/current" for guest in asked], NODE)
    return {guest.vmid: replace(guest, status=str(one["status"])) for guest, one in zip(asked, told)}


def held_volumes(reader: Reader, fleets: ObservedFleets) -> Mapping[int, tuple[Held, ...]]:
    """Of every guest that is seen: as it is, as it was and is not yet any more, and in each of its snapshots."""
    guests = [fleets.guests[vmid] for vmid in sorted(fleets.configs)]
    current = reader.get_many([f"{guest.path}/config?current=1" for guest in guests])
    listed = reader.get_many([f"{guest.path}/snapshot" for guest in guests])
    taken = [(guest, row["name"]) for guest, rows in zip(guests, listed) for row in rows if row["name"] != "current"]
    kept = reader.get_many([f"{guest.path}/config?snapshot={name}" for guest, name in taken])
    found: dict[int, list[Held]] = {}
    for guest, running in zip(guests, current):
        wanted = list(volumes_of(guest.kind, fleets.configs[guest.vmid]))
        known = {one.id for one in wanted}
        wanted += [one for one in volumes_of(guest.kind, running, "running") if one.id not in known]
        found[guest.vmid] = wanted
    for (guest, name), config in zip(taken, kept):
        found[guest.vmid] += volumes_of(guest.kind, config, name)
    return {vmid: tuple(volumes) for vmid, volumes in found.items()}


def _archives(
    reader: Reader,
    rows: Rows,
    fleets: ObservedFleets,
    concerned: Mapping[int, tuple[DesiredFleet, OwnerMark]],
) -> Iterator[tuple[int, tuple[Archive, ...]]]:
    told: dict[tuple[str, str], Any] = {}
    rules = {vmid: whole.release for vmid, (whole, dummy) in concerned.items() if whole.release is not None}
    for vmid, its in sorted(rules.items()):
        place = (its.backup_to, fleets.guests[vmid].node)
        if place not in told:
            told[place] = fleet.content(reader, rows, place[0], "backup", place[1])
        if told[place] is not None:
            yield vmid, tuple(_archive(row) for row in told[place] if row.get("vmid") == vmid)


def _archive(row: Mapping[str, Any]) -> Archive:
    return Archive(
        row["volid"],
        int(row["vmid"]),
        int(row.get("ctime") or 0),
        int(row.get("size") or 0),
        protected=bool(int(row.get("protected") or 0)),
        damaged=(row.get("verification") or {}).get("state", "ok") != "ok",
    )


def _tasks(reader: Reader, nodes: Iterable[str], vmid: int, mark: OwnerMark) -> tuple[GuestTask, ...]:
    """On any node: it may have been moved since."""
    query = f"vmid={vmid}&since={mark.released - CLOCKS_APART}&source=all&limit={_EVERY}"
    found = []
    for node, rows in zip(nodes, reader.get_many([f"/nodes/{node}/tasks?{query}" for node in nodes], NODE)):
        for row in rows:
            log = _log(reader, node, row["upid"]) if row["type"] == _VZDUMP else ()
            found.append(
                GuestTask(row["upid"], node, row["type"], int(row["starttime"]), str(row.get("status") or ""), log)
            )
    return tuple(found)


def _remembered(
    fleets: ObservedFleets, archives: Mapping[int, Iterable[Archive]], tasks: Mapping[int, Iterable[GuestTask]]
) -> Iterator[int]:
    """A node forgets its oldest tasks: one that still knows that it made the backup knows what came after it, too."""
    for vmid in archives:
        mark = parse_mark(fleets.configs[vmid].get("description", ""))
        noted = mark.fields.get(BACKUP, "") if mark is not None else ""
        here = [one for one in tasks.get(vmid, ()) if one.kind == _VZDUMP and one.node == fleets.guests[vmid].node]
        if any(one.archive and noted.endswith(f"/{one.archive}") for one in here):
            yield vmid


def _log(reader: Reader, node: str, upid: str) -> tuple[str, ...]:
    lines = reader.get(f"/nodes/{node}/tasks/{quote(upid, safe='')}/log?limit={_EVERY}", NODE)
    return tuple(line["t"] for line in lines)


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        bool(int(row.get("enable", 1))),
        int(row.get("expire") or 0),
        frozenset(word for word in str(row.get("groups") or "").split(",") if word),
        tuple(token["tokenid"] for token in row.get("tokens") or ()),
    )


def _left(
    reader: Reader, rows: Rows, scope: Scope, fleets: ObservedFleets
) -> tuple[Mapping[int, list[str]], Mapping[str, str]]:
    """Volumes that bear the number of a machine which is no more; and the storages that do not tell."""
    marks = [mark for mark in map(parse_owner_mark, fleets.pools.values()) if mark is not None and mark.released]
    known = {whole.id: whole.ids.start for whole in scope.fleets.fleets}
    meant = [mark for mark in marks if mark.fleet in known and _is_meant(scope, mark)]
    gone = {known[mark.fleet] + number for mark in meant for number in mark.numbers.values()} - set(fleets.guests)
    found: dict[int, list[str]] = {}
    silent: dict[str, str] = {}
    for row in _storages(rows) if gone else ():
        if row["storage"] in fleets.half_seen:
            silent[row["storage"]] = f"{scope.fleets.caller} lacks Datastore.Allocate there."
            continue
        try:
            content = reader.get(f"/nodes/{row['node']}/storage/{quote(row['storage'], safe='')}/content")
        except Unreadable as error:
            silent[row["storage"]] = str(error)
            continue
        for one in content:
            vmid = owner_of(one["volid"]) if one.get("content") in ("images", "rootdir") else None
            if vmid in gone:
                found.setdefault(int(vmid), []).append(one["volid"])
    return found, silent


def _storages(rows: Rows) -> Iterator[Mapping[str, Any]]:
    """Each that can hold volumes of guests; one that several nodes share is asked once."""
    shared: set[str] = set()
    for row in rows:
        holds = {"images", "rootdir"} & set(str(row.get("content") or "").split(","))
        if row.get("type") == "storage" and row.get("status") == "available" and holds:
            if row["storage"] not in shared:
                yield row
            if int(row.get("shared") or 0):
                shared.add(row["storage"])
