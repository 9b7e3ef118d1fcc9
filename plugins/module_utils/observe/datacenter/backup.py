# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API which backup jobs there are, and what there is to back up and to keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional, cast
from urllib.parse import quote

from ...engine.reader import Reader
from ...model.access.names import ROOT
from ...model.access.need import Need, missing
from ...model.datacenter.backup import (
    LOCAL,
    OPTIONS,
    DesiredBackup,
    Foreign,
    Job,
    JobGuest,
    ObservedBackup,
    goal,
    holds_backups,
    meaning,
    retention,
    spelled,
    takes,
)
from ...model.guest.guest import GuestKind
from ...model.storage.entry import StorageEntry
from ..access.access import observe_rights
from ..access.release import observe as observe_release
from ..guest.text import parse_guest
from .storages import storages

_LISTS = ("/cluster/backup", "/cluster/resources", "/pools")
_GUESTS = ("qemu", "lxc")
_UUID = re.compile(r"\buuid=([0-9a-fA-F-]+)")
#: Of so many backups of each guest it is looked whose they are: another cluster's come among them soon.
_NEWEST = 2
NEEDS = frozenset(
    (Need("/", "Sys.Audit"), Need("/", "Sys.Modify"), Need("/vms", "VM.Audit"), Need("/storage", "Datastore.Allocate"))
)
Row = Mapping[str, Any]


def observe(reader: Reader, desired: DesiredBackup) -> ObservedBackup:
    release = observe_release(reader)
    if release is None:
        return ObservedBackup()
    lacking = _lacking(reader, desired)
    if lacking:
        return ObservedBackup(release, lacking=lacking)
    rows, resources, pools = reader.get_many(_LISTS)
    jobs = {row["id"]: parse_job(row) for row in rows}
    guests = tuple(parse_guest_row(row) for row in resources if row["type"] in _GUESTS)
    nodes = {row["node"]: row.get("status") == "online" for row in resources if row["type"] == "node"}
    known = storages(reader)
    online = frozenset(node for node, on in nodes.items() if on)
    keeping = list(_changed_keeping(jobs, goal(desired, jobs), guests, known, online))
    pruned, foreign = _kept(reader, keeping)
    return ObservedBackup(
        release,
        jobs,
        guests=guests,
        nodes=frozenset(nodes),
        pools=frozenset(row["poolid"] for row in pools),
        storages=known,
        pruned=pruned,
        foreign=foreign,
    )


def _lacking(reader: Reader, desired: DesiredBackup) -> tuple[str, ...]:
    """Whoever may not see everything would take what he does not see for absent."""
    if desired.caller == ROOT:
        return ()
    found = missing(observe_rights(reader, {need.path for need in NEEDS}), NEEDS)
    return tuple(f"{need.privilege} on {need.path}" for need in found)


def parse_job(row: Row) -> Job:
    """A job of old has a time and days, where a newer one has a schedule."""
    told = dict(row)
    if "schedule" not in told and told.get("starttime"):
        told["schedule"] = f"{told.get('dow', '')} {told['starttime']}"
    found = {name: meaning(option, told[name]) for name, option in OPTIONS.items() if told.get(name) is not None}
    return Job({name: value for name, value in found.items() if value != OPTIONS[name].default})


def parse_guest_row(row: Row) -> JobGuest:
    kind = cast(GuestKind, row["type"])
    return JobGuest(int(row["vmid"]), kind, row["node"], row.get("name") or "", row.get("pool") or "")


@dataclass(frozen=True)
class _Keeping:
    """A job that will remove other backups than it does now: of which guests, and on which nodes they can be seen."""

    job: str
    storage: str
    rule: str
    guests: Mapping[int, JobGuest]
    nodes: tuple[str, ...]


def _changed_keeping(
    jobs: Mapping[str, Job],
    wanted: Mapping[str, Job],
    guests: tuple[JobGuest, ...],
    known: Mapping[str, StorageEntry],
    online: frozenset[str],
) -> Iterator[_Keeping]:
    """By another rule, on another storage, of guests that are new to it, or because it runs again."""
    for name, job in sorted(wanted.items()):
        where, before = job.text("storage") or LOCAL, jobs.get(name, Job({"enabled": False}))
        storage, rule = known.get(where), retention(job, known)
        same = rule == retention(before, known) and where == (before.text("storage") or LOCAL)
        done = before if same and before.get("enabled") else None
        affected = {one.vmid: one for one in guests if takes(job, one) and not (done is not None and takes(done, one))}
        if storage is not None and holds_backups(storage) and rule and job.get("enabled") and affected:
            seeing = tuple(node for node in sorted(online) if storage.is_on(node))
            nodes = seeing[:1] if storage.shared else seeing
            yield _Keeping(name, where, str(spelled(rule)), affected, nodes)


def _kept(reader: Reader, keeping: Iterable[_Keeping]) -> tuple[dict[str, int], tuple[Foreign, ...]]:
    pruned: dict[str, int] = {}
    foreign: list[Foreign] = []
    for one in keeping:
        for node in one.nodes:
            place = f"/nodes/{node}/storage/{quote(one.storage, safe='')}"
            rows = reader.get(f"{place}/prunebackups?prune-backups={quote(one.rule, safe='')}")
            removed = [row for row in rows if row.get("mark") == "remove" and int(row.get("vmid") or 0) in one.guests]
            pruned[one.job] = pruned.get(one.job, 0) + len(removed)
            found = reader.get(f"{place}/content?content=backup")
            archives = [row for row in found if int(row.get("vmid") or 0) in one.guests]
            foreign += _foreign(reader, node, one.storage, one.guests, archives)
    return pruned, tuple(foreign)


def _foreign(
    reader: Reader, node: str, storage: str, mine: Mapping[int, JobGuest], rows: list[Row]
) -> Iterator[Foreign]:
    """A guest is its number, its name and its uuid."""
    newest: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: -int(row["ctime"])):
        found = newest.setdefault(int(row["vmid"]), [])
        if len(found) < _NEWEST:
            found.append(row)
    asked = sorted(newest)
    configs = reader.get_many([f"/nodes/{mine[v].node}/{mine[v].kind}/{v}/config" for v in asked])
    for vmid, config in zip(asked, configs):
        own = {key: str(value) for key, value in config.items()}
        volumes = [row["volid"] for row in newest[vmid]]
        texts = reader.get_many(
            [f"/nodes/{node}/vzdump/extractconfig?volume={quote(volume, safe='')}" for volume in volumes]
        )
        for volume, text in zip(volumes, texts):
            other = parse_guest(text)
            if not same_guest(own, other):
                yield Foreign(storage, vmid, volume, other.get("name") or other.get("hostname") or "without a name")


def same_guest(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """By their uuids, where both have one; a guest may have been given another name since."""
    first, second = _uuid(one), _uuid(other)
    if first and second:
        return first == second
    return _name(one) == _name(other)


def _uuid(config: Mapping[str, str]) -> Optional[str]:
    found = _UUID.search(config.get("smbios1", ""))
    return found[1].lower() if found else None


def _name(config: Mapping[str, str]) -> str:
    return config.get("name") or config.get("hostname") or ""
