# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which storages are active on this node: from the table of mounts, and from pvesm only if that is not enough.

``pvesm status`` takes seconds, because it tries to activate every storage; the table of mounts is one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Optional

from ..model.storage import StorageEntry
from ..model.storage_access import OFFERED, Mount, StorageAccess, StorageAccessObserved, enabled_on
from ..model.storage_cfg import PATH, shown
from .reader import Reader
from .storage import parse_entries

STATUS = ("pvesm", "status")
MOUNTS = "/proc/self/mountinfo"
_HOSTNAME = "/proc/sys/kernel/hostname"
_OCTAL = re.compile(r"\\([0-7]{3})")
#: How each type shows in the table of mounts.
_MOUNTED = {"nfs": r"nfs4?", "cifs": r"cifs|smb3", "cephfs": r"ceph|fuse\.ceph(-fuse)?"}


def observe(reader: Reader, desired: Optional[StorageAccess] = None) -> StorageAccessObserved:
    """Without ``desired``, everything is looked at that may be mounted on this node."""
    node = (reader.read(_HOSTNAME) or "").strip().partition(".")[0]
    entries = parse_entries(reader.read(PATH) or "")
    if desired is not None and desired.expect == OFFERED:
        servers = {
            shown(storage.options["server"])
            for storage in desired.storages
            if storage.type == "nfs" and storage.id not in entries and not storage.absent
        }
        return StorageAccessObserved(
            node, entries, offered={server: _offered(reader, server) for server in sorted(servers)}
        )
    names = set(entries) if desired is None else {storage.id for storage in desired.storages} & set(entries)
    watched = {name: entries[name] for name in sorted(names) if enabled_on(node, entries[name])}
    evident = evidently_active(watched, parse_mounts(reader.read(MOUNTS) or ""))
    doubtful = [name for name, entry in watched.items() if entry.type in _MOUNTED and name not in evident]
    if doubtful or desired is not None and desired.ask_pvesm:
        return StorageAccessObserved(node, entries, parse_status(reader.run(*STATUS).stdout))
    unseen = {name for name, entry in watched.items() if entry.type not in _MOUNTED}
    return StorageAccessObserved(node, entries, frozenset(evident | unseen))


def evidently_active(entries: Mapping[str, StorageEntry], mounts: Mapping[str, Mount]) -> set[str]:
    """The storages whose directory is mounted from where the entry says."""
    return {name for name, entry in entries.items() if entry.type in _MOUNTED and _is_mounted(entry, mounts)}


def _is_mounted(entry: StorageEntry, mounts: Mapping[str, Mount]) -> bool:
    found = mounts.get(shown(entry.options.get("path", "")))
    if found is None or not re.fullmatch(_MOUNTED[entry.type], found.kind):
        return False
    if entry.type != "nfs":
        return True
    server, export = (shown(entry.options.get(key, "")) for key in ("server", "export"))
    host = f"[{server}]" if ":" in server else server
    return found.source.rstrip("/") == f"{host}:{export}".rstrip("/")


def parse_mounts(text: str) -> dict[str, Mount]:
    """proc_pid_mountinfo(5): mount point → what is on top of it."""
    mounts = {}
    for line in text.splitlines():
        before, dummy, after = line.partition(" - ")
        if after:
            kind, source = after.split(" ")[:2]
            mounts[_unescaped(before.split(" ")[4])] = Mount(kind, _unescaped(source))
    return mounts


def parse_status(text: str) -> frozenset[str]:
    """The storages that ``pvesm status`` calls active."""
    rows: Iterable[list[str]] = (line.split() for line in text.splitlines()[1:])
    return frozenset(row[0] for row in rows if len(row) > 2 and row[2] == "active")


def _offered(reader: Reader, server: str) -> frozenset[str]:
    """The directories that a server exports; ``pvesm scan nfs`` prints each with its clients."""
    done = reader.run("pvesm", "scan", "nfs", server)
    return frozenset(line.rpartition(" ")[0].rstrip() or line for line in done.stdout.splitlines())


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)
