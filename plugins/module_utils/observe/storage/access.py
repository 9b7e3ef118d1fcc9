# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which storages are active on this node: from two files, and from pvesm only if they are not enough.

``pvesm status`` takes seconds, because it tries to activate every storage. So does pvestatd every ten seconds, which
hands the figures of those that are active to the cluster file system; and the kernel's table of mounts tells from where
those are mounted that have to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.node.paths import canonical_path
from ...model.storage.access import (
    OFFERED,
    DesiredStorageAccess,
    Mount,
    ObservedStorageAccess,
    enabled_on,
    on_local_group,
)
from ...model.storage.cfg import PATH, shown
from ...model.storage.entry import StorageEntry, parse_storages
from ...model.storage.types import TYPES, StorageType

STATUS = ("pvesm", "status")
MOUNTS = "/proc/self/mountinfo"
FIGURES = "/etc/pve/.rrd"
#: Without its hints, LVM looks at all disks, also at those on which another node has made a volume group.
GROUPS = ("vgs", "--noheadings", "--config", 'devices/hints="none"', "--options", "vg_name,lv_name,lv_attr")
_HOSTNAME = "/proc/sys/kernel/hostname"
_OCTAL = re.compile(r"\\([0-7]{3})")
#: A line of figures: node, storage, time. Proxmox VE 7 and 8 have the older word in front.
_FIGURE = re.compile(r"^(?:pve-storage-[\d.]+|pve2-storage)/([^/]+)/([^/:]+):(\d+):", re.MULTILINE)
#: Seconds between the figures of one node that belong to one look of pvestatd, even a slow one.
_ONE_LOOK = 30


@recorded
def observe(reader: Reader, desired: Optional[DesiredStorageAccess] = None) -> ObservedStorageAccess:
    """Without ``desired``, everything is looked at that may be mounted on this node."""
    node = _node(reader)
    entries = parse_storages(reader.read(PATH) or "").entries
    if desired is not None and desired.expect == OFFERED:
        return _observe_offers(reader, node, entries, desired)
    names = set(entries) if desired is None else {storage.id for storage in desired.storages} & set(entries)
    watched = {name: entries[name] for name in sorted(names) if enabled_on(node, entries[name])}
    evident = in_place(watched, parse_mounts(reader.read(MOUNTS) or "")) & published(reader)
    if set(watched) - evident or desired is not None and desired.ask_pvesm:
        return ObservedStorageAccess(node, entries, parse_status(reader.run(*STATUS).stdout), frozenset(evident))
    return ObservedStorageAccess(node, entries, frozenset(evident), frozenset(evident))


def _observe_offers(
    reader: Reader, node: str, entries: Mapping[str, StorageEntry], desired: DesiredStorageAccess
) -> ObservedStorageAccess:
    """What the storages that are not defined yet will be made of."""
    fresh = [storage for storage in desired.storages if storage.id not in entries and not storage.absent]
    servers = {shown(storage.options["server"]) for storage in fresh if TYPES[storage.type].beforehand == "export"}
    groups = None
    if any(on_local_group(storage) for storage in fresh):
        done = reader.run(*GROUPS)
        groups = parse_groups(done.stdout) if done.rc == 0 else None
    offered = {server: _offered(reader, server) for server in sorted(servers)}
    return ObservedStorageAccess(node, entries, offered=offered, groups=groups)


def published(reader: Reader) -> frozenset[str]:
    """The storages of this node that were active when its pvestatd last looked."""
    return parse_figures(reader.read(FIGURES) or "", _node(reader))


def _node(reader: Reader) -> str:
    return (reader.read(_HOSTNAME) or "").strip().partition(".")[0]


def in_place(entries: Mapping[str, StorageEntry], mounts: Mapping[str, Mount]) -> set[str]:
    """All but the storages whose directory is not mounted from where the entry says."""
    return {name for name, entry in entries.items() if _is_in_place(entry, mounts)}


def _is_in_place(entry: StorageEntry, mounts: Mapping[str, Mount]) -> bool:
    known = TYPES.get(entry.type)
    if known is None or not known.mounted:
        return True
    found = mounts.get(shown(entry.options.get("path", "")))
    return found is not None and found.kind in known.mounts and (not known.source or _is_source(entry, found, known))


def _is_source(entry: StorageEntry, found: Mount, known: StorageType) -> bool:
    """``server:/export``; an IPv6 address stands in brackets."""
    server, export = (shown(entry.options.get(key, "")) for key in known.source)
    host, dummy, path = found.source.partition(":/")
    return host.strip("[]") == server and canonical_path(f"/{path}") == export


def parse_mounts(text: str) -> dict[str, Mount]:
    """proc_pid_mountinfo(5): mount point → what is on top of it."""
    mounts = {}
    for line in text.splitlines():
        before, dummy, after = line.partition(" - ")
        if after:
            kind, source = after.split(" ")[:2]
            mounts[_unescaped(before.split(" ")[4])] = Mount(kind, _unescaped(source))
    return mounts


def parse_figures(text: str, node: str) -> frozenset[str]:
    """Storages whose figures are of the last look; those of a storage that is not active any more stay for minutes."""
    times = {storage: int(time) for host, storage, time in _FIGURE.findall(text) if host == node}
    last = max(times.values(), default=0)
    return frozenset(storage for storage, time in times.items() if last - time <= _ONE_LOOK)


def parse_status(text: str) -> frozenset[str]:
    """The storages that ``pvesm status`` calls active."""
    rows: Iterable[list[str]] = (line.split() for line in text.splitlines()[1:])
    return frozenset(row[0] for row in rows if len(row) > 2 and row[2] == "active")


def parse_groups(text: str) -> dict[str, frozenset[str]]:
    """Volume group → its thin pools; a group has a line for each of its volumes, or one."""
    found: dict[str, frozenset[str]] = {}
    for words in filter(None, map(str.split, text.splitlines())):
        pools = {words[1]} if len(words) == 3 and words[2].startswith("t") else set()
        found[words[0]] = found.get(words[0], frozenset()) | pools
    return found


def _offered(reader: Reader, server: str) -> frozenset[str]:
    """The directories that a server exports; ``pvesm scan nfs`` prints each with its clients."""
    done = reader.run("pvesm", "scan", "nfs", server)
    return frozenset(line.rpartition(" ")[0].rstrip() or line for line in done.stdout.splitlines())


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)
