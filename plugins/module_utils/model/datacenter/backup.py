# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup jobs, and which guests they really back up. Upstream: vzdump(1), PVE/API2/Backup.pm, PVE/VZDump.pm.

What upstream calls backed up counts jobs that are switched off, and guests that have left the node of a job. So it is
worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, Union

from ..cluster.section_config import split_list
from ..guest.guest import GuestKind
from ..storage.entry import StorageEntry

Meaning = Union[str, int, bool, frozenset[str]]
Form = Literal["text", "number", "flag", "words", "pairs", "schedule", "template"]
#: What a job is about; one of them.
SELECTIONS = ("all", "pool", "vmid")
#: Where a job puts backups that names no storage.
LOCAL = "local"
#: An id that upstream gives to a line of the file in which jobs were kept before Proxmox VE 7.1.
OLD_ID = re.compile(r"[0-9a-f]{40}:[0-9]+")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Option:
    form: Form = "text"
    default: Meaning = ""


OPTIONS: Mapping[str, Option] = {
    "schedule": Option("schedule"),
    "storage": Option(),
    "enabled": Option("flag", True),
    "all": Option("flag", False),
    "vmid": Option("words", frozenset()),
    "exclude": Option("words", frozenset()),
    "pool": Option(),
    "node": Option(),
    "mode": Option("text", "snapshot"),
    "compress": Option("text", "0"),
    "prune-backups": Option("pairs", frozenset()),
    "mailto": Option("words", frozenset()),
    "notification-mode": Option("text", "auto"),
    "notes-template": Option("template"),
    "protected": Option("flag", False),
    "repeat-missed": Option("flag", False),
    "comment": Option(),
    "bwlimit": Option("number", 0),
    "zstd": Option("number", 1),
}


def meaning(option: Option, value: Any) -> Meaning:
    """What is told and what is said alike: flags as numbers, lists in any order, schedules in several spellings."""
    if option.form == "flag":
        return bool(int(value))
    if option.form == "number":
        return int(value)
    if option.form == "words":
        return frozenset(split_list(value) if isinstance(value, str) else map(str, value))
    if option.form == "pairs":
        return _pairs(value)
    if option.form == "schedule":
        return canonical_schedule(str(value))
    return str(value).replace("\n", "\\n") if option.form == "template" else str(value)


def _pairs(value: Any) -> frozenset[str]:
    """What keeps nothing is not said; all that is kept needs no numbers."""
    told = value if isinstance(value, Mapping) else dict(word.partition("=")[::2] for word in split_list(str(value)))
    said = {str(key).replace("_", "-"): int(number) for key, number in told.items() if number is not None}
    if said.get("keep-all"):
        return frozenset(("keep-all=1",))
    return frozenset(f"{key}={number}" for key, number in said.items() if number)


def spelled(value: Meaning) -> Union[str, int, bool]:
    return ",".join(sorted(value, key=_by_number)) if isinstance(value, frozenset) else value


def _by_number(word: str) -> tuple[int, str]:
    return (int(word), "") if word.isdigit() else (0, word)


def canonical_schedule(text: str) -> str:
    """One spelling of a calendar event, as far as people vary it: hours of one digit, every day, the word daily."""
    words = [word for word in text.lower().split() if word not in ("*-*-*", "*")]
    if words == ["daily"]:
        return "00:00"
    if words and set(words[0].split(",")) in (set(_DAYS), {"mon..sun"}):
        words = words[1:]
    return " ".join(re.sub(r"\b(\d):", r"0\1:", word) for word in words)


@dataclass(frozen=True)
class Job:
    """Options that differ from their defaults."""

    options: Mapping[str, Meaning] = field(default_factory=dict)

    def get(self, name: str) -> Meaning:
        return self.options.get(name, OPTIONS[name].default)

    def text(self, name: str) -> str:
        return str(self.get(name))

    def words(self, name: str) -> frozenset[str]:
        found = self.get(name)
        return found if isinstance(found, frozenset) else frozenset()

    @property
    def selects(self) -> frozenset[str]:
        return frozenset(name for name in SELECTIONS if self.options.get(name))

    @property
    def twin_of(self) -> tuple[Meaning, ...]:
        """Two jobs that are alike in this back up the same guests to the same place at the same time."""
        return tuple(self.get(name) for name in ("schedule", "storage", "all", "vmid", "exclude", "pool", "node"))


@dataclass(frozen=True)
class JobGuest:
    """A guest as the cluster lists it."""

    vmid: int
    kind: GuestKind
    node: str
    name: str = ""
    pool: str = ""


@dataclass(frozen=True)
class Foreign:
    """A backup that bears the number of a guest, and is of another one."""

    storage: str
    vmid: int
    archive: str
    of: str


@dataclass(frozen=True)
class DesiredBackup:
    """``said``: id → the options that are said of a job; None of one that is to go."""

    said: Mapping[str, Optional[Mapping[str, Meaning]]] = field(default_factory=dict)
    exclusive: bool = False
    caller: str = ""

    @property
    def idle(self) -> bool:
        return not self.said and not self.exclusive


@dataclass(frozen=True)
class ObservedBackup:
    """``release``: None where nobody serves the API yet. pruned: job → how many backups its next run will remove."""

    release: Optional[int] = None
    jobs: Mapping[str, Job] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    guests: tuple[JobGuest, ...] = ()
    nodes: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    storages: Mapping[str, StorageEntry] = field(default_factory=dict)
    pruned: Mapping[str, int] = field(default_factory=dict)
    foreign: tuple[Foreign, ...] = ()


def goal(desired: DesiredBackup, now: Mapping[str, Job]) -> dict[str, Job]:
    """What is to be there in the end. Of a job, what is not said stays, but for a selection of another kind."""
    kept = {name: job for name, job in now.items() if name in desired.said or not desired.exclusive}
    wanted = {**kept, **{n: _merged(said, now.get(n, Job())) for n, said in desired.said.items() if said is not None}}
    gone = {name for name, said in desired.said.items() if said is None}
    made = {name: job.twin_of for name, job in wanted.items() if desired.said.get(name) is not None}
    old = {name for name, job in wanted.items() if OLD_ID.fullmatch(name) and job.twin_of in made.values()}
    return {name: job for name, job in wanted.items() if name not in gone | (old - set(made))}


def _merged(said: Mapping[str, Meaning], known: Job) -> Job:
    chosen = [name for name in SELECTIONS if said.get(name)]
    dropped = (*SELECTIONS, *(() if "all" in chosen else ("exclude",))) if chosen else ()
    old = {name: value for name, value in known.options.items() if name not in dropped}
    whole = {**old, **said}
    return Job({name: value for name, value in whole.items() if value != OPTIONS[name].default})


@dataclass(frozen=True)
class Coverage:
    """``bound``: guest → the node of the jobs that it is in, which it may leave."""

    covered: frozenset[int] = frozenset()
    uncovered: frozenset[int] = frozenset()
    bound: Mapping[int, str] = field(default_factory=dict)


def coverage(jobs: Mapping[str, Job], guests: tuple[JobGuest, ...], storages: Mapping[str, StorageEntry]) -> Coverage:
    """By the jobs that run, and where guests are now."""
    free: set[int] = set()
    bound: dict[int, str] = {}
    for job in jobs.values():
        for guest in guests:
            if job.get("enabled") and job.get("schedule") and takes(job, guest) and _reaches(job, guest, storages):
                if job.text("node"):
                    bound.setdefault(guest.vmid, job.text("node"))
                else:
                    free.add(guest.vmid)
    covered = frozenset(free | set(bound))
    every = frozenset(guest.vmid for guest in guests)
    return Coverage(covered, every - covered, {vmid: node for vmid, node in bound.items() if vmid not in free})


def takes(job: Job, guest: JobGuest) -> bool:
    """Of a job for one node, only guests that are there."""
    if job.text("node") not in ("", guest.node):
        return False
    if job.words("vmid"):
        return str(guest.vmid) in job.words("vmid")
    if job.text("pool"):
        return guest.pool == job.text("pool")
    return bool(job.get("all")) and str(guest.vmid) not in job.words("exclude")


def _reaches(job: Job, guest: JobGuest, storages: Mapping[str, StorageEntry]) -> bool:
    storage = storages.get(job.text("storage") or LOCAL)
    return storage is not None and holds_backups(storage) and storage.is_on(guest.node)


def holds_backups(storage: StorageEntry) -> bool:
    return not storage.disabled and "backup" in storage.options.get("content", ())


def retention(job: Job, storages: Mapping[str, StorageEntry]) -> frozenset[str]:
    """By which rule its run removes older backups: its own, else that of its storage. Nothing where all are kept."""
    storage = storages.get(job.text("storage") or LOCAL)
    told = "" if storage is None else storage.options.get("prune-backups", "")
    found = job.words("prune-backups") or _pairs(told)
    return frozenset() if "keep-all=1" in found else found


def prunes(jobs: Mapping[str, Job]) -> Iterator[tuple[str, Job]]:
    """Jobs that remove older backups by a rule of their own."""
    yield from ((name, job) for name, job in sorted(jobs.items()) if job.words("prune-backups"))
