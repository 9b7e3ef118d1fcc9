# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API what there is of fleets: guests, pools, users, and whatever else decides what may be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional
from urllib.parse import quote

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, NODE, Reader
from ...model.access.names import ROOT
from ...model.access.need import Need, missing
from ...model.guest.backup import volumes_of
from ...model.guest.fleet import DesiredFleet, DesiredFleets, ObservedFleets
from ...model.guest.observed import ListedGuest
from ..access.access import observe_rights
from ..access.release import observe as observe_release
from .machines import Rows, guests_listed

STATUS, RESOURCES, TIME = "/cluster/status", "/cluster/resources", "/nodes/localhost/time"
_UNKNOWN = "unknown"
#: Since this release there are jobs that sync a realm, and each says itself what it removes.
_SYNC_JOBS = 8
_PROPERTIES = "properties"
#: Whoever has these sees all guests, pools, storages, nodes and users.
NEEDS = frozenset(
    (
        *(Need("/", privilege) for privilege in ("VM.Audit", "Pool.Audit", "Datastore.Audit", "Sys.Audit")),
        *(Need(path, "Sys.Audit") for path in ("/access", "/access/groups", "/access/realm")),
    )
)


def observe(reader: Reader, desired: DesiredFleets) -> ObservedFleets:
    release = observe_release(reader)
    if release is None:
        raise Unreadable("Nobody serves the API of Proxmox VE there yet.")
    lacking = _lacking(reader, desired.caller)
    if lacking:
        return ObservedFleets(release, lacking)
    if not is_quorate(reader):
        return ObservedFleets(release, quorate=False)
    rows = reader.get(RESOURCES)
    guests = listed(rows)
    pools, users, domains = reader.get_many(("/pools", "/access/users", "/access/domains"))
    configs = read_configs(reader, _of_interest(guests, desired.fleets))
    return ObservedFleets(
        release,
        clock=clock(reader),
        guests=guests,
        configs=configs,
        pools={row["poolid"]: row.get("comment") or "" for row in pools},
        users={row["userid"]: int(row.get("expire") or 0) for row in users},
        archived=_archived(reader, rows, desired.fleets),
        sizes=_sizes(reader, guests, configs),
        wiping=_wiping(reader, domains, release),
        half_seen=half_seen(reader, desired.caller, rows),
        lists={fleet.list_file: reader.read(fleet.list_file, NODE) for fleet in desired.fleets if fleet.list_file},
    )


def _lacking(reader: Reader, caller: str) -> tuple[str, ...]:
    """Root has all rights; a list of whoever else sees little is not a short list."""
    if caller == ROOT:
        return ()
    held = observe_rights(reader, {need.path for need in NEEDS})
    return tuple(f"{need.privilege} on {need.path}" for need in missing(held, NEEDS))


def half_seen(reader: Reader, caller: str, rows: Rows) -> frozenset[str]:
    """Storages whose content is not told whole: only to whoever has the privilege of their administrators."""
    storages = {row["storage"] for row in rows if row.get("type") == "storage"} if caller != ROOT else set()
    paths = {storage: f"/storage/{storage}" for storage in storages}
    held = observe_rights(reader, paths.values())
    return frozenset(storage for storage, path in paths.items() if "Datastore.Allocate" not in held[path])


def is_quorate(reader: Reader) -> bool:
    """A node that is in no cluster is on its own, and decides alone."""
    of_cluster = [row for row in reader.get(STATUS) if row.get("type") == "cluster"]
    return all(int(row.get("quorate") or 0) for row in of_cluster)


def clock(reader: Reader) -> int:
    told: Optional[Mapping[str, Any]] = reader.get(TIME, NODE)
    if told is None:
        raise Unreadable("The node does not tell what time it is.")
    return int(told["time"])


def listed(rows: Rows) -> dict[int, ListedGuest]:
    """VMID → what the cluster tells. Of a guest whose node is away the last news are none."""
    away = {row["node"] for row in rows if row.get("type") == "node" and row.get("status") != "online"}
    told = guests_listed(rows)
    return {vmid: replace(one, status=_UNKNOWN) if one.node in away else one for vmid, one in told}


def read_configs(reader: Reader, guests: Iterable[ListedGuest]) -> dict[int, Mapping[str, str]]:
    """VMID → configuration, with what is pending already applied. Of a node that is away nothing is asked."""
    seen = [guest for guest in guests if guest.status != _UNKNOWN]
    answers = reader.get_many([f"{guest.path}/config" for guest in seen], CLUSTER)
    return {guest.vmid: {key: str(value) for key, value in told.items()} for guest, told in zip(seen, answers)}


def _of_interest(guests: Mapping[int, ListedGuest], fleets: Iterable[DesiredFleet]) -> list[ListedGuest]:
    """Those in the blocks and the pools of fleets, and what machines are cloned of."""
    wanted = list(fleets)
    sources = {(machine.wish.get("clone") or {}).get("vmid") for fleet in wanted for machine in fleet.machines}
    return [
        guest
        for vmid, guest in sorted(guests.items())
        if guest.template
        or vmid in sources
        or any(vmid in fleet.ids or guest.pool.startswith(fleet.id) for fleet in wanted)
    ]


def _archived(reader: Reader, rows: Rows, fleets: Iterable[DesiredFleet]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for storage in sorted({fleet.release.backup_to for fleet in fleets if fleet.release is not None}):
        for row in content(reader, rows, storage, "backup") or ():
            if row.get("vmid") is not None:
                found.setdefault(int(row["vmid"]), []).append(row["volid"])
    return found


def content(reader: Reader, rows: Rows, storage: str, kind: str, node: str = "") -> Optional[list[Mapping[str, Any]]]:
    """What a storage holds of this kind, as a node tells that has it; None where none does."""
    there = [
        row["node"]
        for row in rows
        if row.get("type") == "storage" and row.get("storage") == storage and row.get("status") == "available"
    ]
    if not there or (node and node not in there):
        return None
    found = reader.get(f"/nodes/{node or min(there)}/storage/{quote(storage, safe='')}/content?content={kind}")
    return list(found)


def _sizes(
    reader: Reader, guests: Mapping[int, ListedGuest], configs: Mapping[int, Mapping[str, str]]
) -> Mapping[str, Optional[int]]:
    """Volumes without a size in the configuration, such as unused ones, by what their storage tells."""
    unsized = {
        (one.id, guests[vmid].node)
        for vmid, config in configs.items()
        for one in volumes_of(guests[vmid].kind, config)
        if "size=" not in str(config[one.key])
    }
    places = sorted({(node, volume.partition(":")[0]) for volume, node in unsized})
    told: dict[str, int] = {}
    for node, storage in places:
        try:
            rows = reader.get(f"/nodes/{node}/storage/{quote(storage, safe='')}/content")
        except Unreadable:  # then nobody knows, and the quota says so
            continue
        told.update({row["volid"]: int(row["size"]) for row in rows})
    return {volume: told.get(volume) for volume, dummy in sorted(unsized)}


def _wiping(reader: Reader, domains: Iterable[Mapping[str, Any]], release: int) -> frozenset[str]:
    """Realms whose sync, as it is set or may be started, removes what the directory does not say of a user."""
    synced = [row["realm"] for row in domains if row["type"] in ("ad", "ldap")]
    whole = reader.get_many([f"/access/domains/{quote(realm, safe='')}" for realm in synced])
    found = {realm for realm, told in zip(synced, whole) if _PROPERTIES in _vanished(told)}
    jobs = reader.get("/cluster/jobs/realm-sync") if synced and release >= _SYNC_JOBS else ()
    found |= {job["realm"] for job in jobs if _PROPERTIES in str(job.get("remove-vanished") or "")}
    return frozenset(found)


def _vanished(told: Mapping[str, Any]) -> str:
    """``sync-defaults-options``: ``scope=both,remove-vanished=acl;entry;properties``; older: ``full=1``."""
    words = dict(word.partition("=")[::2] for word in str(told.get("sync-defaults-options") or "").split(","))
    return _PROPERTIES if words.get("full") == "1" else words.get("remove-vanished", "")
