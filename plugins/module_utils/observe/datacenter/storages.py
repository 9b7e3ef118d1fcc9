# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API which storages there are, and what is copied to other nodes at intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.reader import Reader
from ...model.cluster.section_config import split_list
from ...model.guest.replication import ReplicationJob
from ...model.storage.entry import StorageEntry

_LISTS = ("content", "nodes")


def storages(reader: Reader) -> dict[str, StorageEntry]:
    return {row["storage"]: _entry(row) for row in reader.get("/storage")}


def _entry(row: Mapping[str, Any]) -> StorageEntry:
    options: dict[str, Any] = {key: str(row[key]) for key in ("shared", "prune-backups") if row.get(key)}
    options.update({key: frozenset(split_list(row[key])) for key in _LISTS if row.get(key)})
    if int(row.get("disable") or 0):
        options["disable"] = "1"
    return StorageEntry(row["type"], options)


def replication_jobs(reader: Reader) -> tuple[ReplicationJob, ...]:
    return tuple(
        ReplicationJob(row["id"], int(row["guest"]), row["target"], removing="remove_job" in row)
        for row in reader.get("/cluster/replication")
    )
