"""/cluster/backup and /cluster/replication: jobs as configuration. No scheduler runs them in the lab."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import cfs, sectionconfig
from pve_standin.core.errors import ApiError
from pve_standin.core.sectionconfig import Section, Sections
from pve_standin.guest import config as guests

BACKUP_FILE = "jobs.cfg"
BACKUP = "/cluster/backup"
REALM_SYNC = "/cluster/jobs/realm-sync"
REPLICATION_FILE = "replication.cfg"
REPLICATION = "/cluster/replication"
#: What a job is about, and what goes when another one is said.
_SELECTIONS = {"vmid": ("all", "exclude", "pool"), "all": ("vmid", "pool"), "pool": ("all", "exclude", "vmid")}
_OBJECTS = ("prune-backups", "fleecing", "performance")
_INTEGERS = ("all", "disable", "enabled", "protected", "remove", "repeat-missed", "zstd")


def _read(path: str) -> Sections:
    return sectionconfig.parse(cfs.cfs_read(path) or "")


@contextmanager
def _changed(path: str, lock: str) -> Iterator[Sections]:
    with cfs.cfs_lock(lock):
        sections = _read(path)
        yield sections
        cfs.cfs_write(path, sectionconfig.dump(sections))


def _options(call: Call, *hidden: str) -> dict[str, str]:
    return {key: str(value) for key, value in call.params.items() if key not in ("id", "delete", "digest", *hidden)}


def _view(section: Section) -> dict[str, Any]:
    values = {key: int(value) if key in _INTEGERS else value for key, value in section.options.items()}
    return {"id": section.id, "type": section.type, **values}


def _get(path: str, name: str, what: str) -> Section:
    found = _read(path).get(name)
    if found is None:
        raise ApiError(500, what)
    return found


def _backup(section: Section) -> dict[str, Any]:
    """Property strings are told as objects."""
    view = _view(section)
    told = {key: str(view[key]).split(",") for key in _OBJECTS if key in view}
    return {**view, **{key: dict(word.partition("=")[::2] for word in words) for key, words in told.items()}}


@method("GET", BACKUP)
def list_backups(call: Call) -> list[dict[str, Any]]:
    return [_backup(section) for section in _read(BACKUP_FILE).values() if section.type == "vzdump"]


@method("GET", REALM_SYNC)
def list_syncs(call: Call) -> list[dict[str, Any]]:
    return [_view(section) for section in _read(BACKUP_FILE).values() if section.type == "realm-sync"]


@method("GET", BACKUP + "/{id}")
def read_backup(call: Call) -> dict[str, Any]:
    name = call.params["id"]
    return _backup(_get(BACKUP_FILE, name, f"No such job '{name}'"))


@method("POST", BACKUP, protected=True)
def add_backup(call: Call) -> None:
    name = call.params.get("id") or f"backup-{uuid.uuid4()}"
    with _changed(BACKUP_FILE, "file-jobs_cfg") as sections:
        if name in sections:
            raise ApiError(500, f"Job '{name}' already exists")
        sections[name] = Section("vzdump", name, {"enabled": "1", **_scheduled(_options(call))})


def _scheduled(options: dict[str, str]) -> dict[str, str]:
    """The words of old become a schedule."""
    if "\n" in options.get("notes-template", ""):
        raise ApiError(500, "400 Parameter verification failed.\nnotes-template: contains a line feed\n")
    if "starttime" not in options:
        return options
    kept = {key: value for key, value in options.items() if key not in ("starttime", "dow")}
    return {**kept, "schedule": f"{options.get('dow', '')} {options['starttime']}".strip()}


@method("PUT", BACKUP + "/{id}", protected=True)
def update_backup(call: Call) -> None:
    name = call.params["id"]
    with _changed(BACKUP_FILE, "file-jobs_cfg") as sections:
        if name not in sections:
            raise ApiError(500, f"No such job '{name}'")
        options, given = sections[name].options, _options(call)
        gone = [key for chosen, others in _SELECTIONS.items() if chosen in given for key in others]
        for key in (*split_list(call.params.get("delete", "")), *gone):
            options.pop(key, None)
        options.update(given)


@method("DELETE", BACKUP + "/{id}", protected=True)
def remove_backup(call: Call) -> None:
    name = call.params["id"]
    with _changed(BACKUP_FILE, "file-jobs_cfg") as sections:
        if sections.pop(name, None) is None:
            raise ApiError(500, f"No such job '{name}'")


@method("GET", REPLICATION)
def list_replications(call: Call) -> list[dict[str, Any]]:
    return [_replication(section) for section in _read(REPLICATION_FILE).values()]


def _replication(section: Section) -> dict[str, Any]:
    guest, _, number = section.id.partition("-")
    view = {**_view(section), "guest": int(guest), "jobnum": int(number)}
    source = guests.guests().get(int(guest), {}).get("node")
    if source:
        view.setdefault("source", source)
    return view


@method("GET", REPLICATION + "/{id}")
def read_replication(call: Call) -> dict[str, Any]:
    name = call.params["id"]
    return _replication(_get(REPLICATION_FILE, name, f"replication job '{name}' does not exist"))


@method("POST", REPLICATION, protected=True)
def add_replication(call: Call) -> None:
    name, target = call.params["id"], call.params["target"]
    known = guests.guests().get(int(name.partition("-")[0]))
    if known is None:
        raise ApiError(500, f"guest '{name.partition('-')[0]}' does not exist", errno=2)
    if target not in cfs.node_list():
        raise ApiError(500, f"target node '{target}' does not exist")
    if target == known["node"]:
        raise ApiError(500, f"source and target are the same node: '{target}'")
    with _changed(REPLICATION_FILE, "file-replication_cfg") as sections:
        if name in sections:
            raise ApiError(500, f"replication job '{name}' already exists")
        sections[name] = Section(call.params["type"], name, _options(call, "type"))


@method("DELETE", REPLICATION + "/{id}", protected=True)
def remove_replication(call: Call) -> None:
    """Upstream first marks a job and lets its runner remove it; no runner is here, so the entry goes at once."""
    name = call.params["id"]
    with _changed(REPLICATION_FILE, "file-replication_cfg") as sections:
        if sections.pop(name, None) is None:
            raise ApiError(500, f"replication job '{name}' does not exist")
