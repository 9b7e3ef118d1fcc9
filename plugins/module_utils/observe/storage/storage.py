# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the cluster's storages from files: storage.cfg, the members, and digests of the secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader, recorded
from ...model.storage.cfg import PATH
from ...model.storage.entry import parse_storages
from ...model.storage.storage import DesiredStorages, ObservedStorages, secret_path
from ...model.storage.types import TYPES

_MEMBERS = "/etc/pve/.members"
_NODES = "/etc/pve/nodes"
_GUESTS = ("qemu-server", "lxc")


@recorded
def observe(reader: Reader, desired: Optional[DesiredStorages] = None) -> ObservedStorages:
    file = parse_storages(reader.read(PATH, scope=CLUSTER) or "")
    entries = file.entries
    wanted = {storage.id: storage.type for storage in desired.storages} if desired is not None else {}
    kinds = {**wanted, **{name: entry.type for name, entry in entries.items()}}
    paths = [path for name, kind in sorted(kinds.items()) for path in secret_paths(name, kind)]
    members = parse_members(reader.read(_MEMBERS, scope=CLUSTER))
    removable = [
        storage.id for storage in (desired.storages if desired else ()) if storage.absent and storage.id in entries
    ]
    return ObservedStorages(
        entries=entries,
        digests={path: reader.digest(path, scope=CLUSTER) for path in paths},
        members=frozenset(members["nodelist"]) if members else None,
        quorate=not members or members["cluster"]["quorate"] == 1,
        users=_users(reader, removable) if removable else {},
        unreadable=file.unreadable,
    )


def parse_members(text: Optional[str]) -> Optional[Mapping[str, Any]]:
    """pmxcfs' list of members; None where there is no cluster."""
    if not text:
        return None
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"{_MEMBERS} does not hold JSON: {error}.", "Is pmxcfs (pve-cluster.service) up?") from error
    return document if "cluster" in document else None


def secret_paths(storage: str, kind: str) -> list[str]:
    """The files in which a storage of this type may keep secrets."""
    known = TYPES.get(kind)
    return [secret_path(storage, kind, name) for name in sorted(known.secrets)] if known else []


def _users(reader: Reader, storages: list[str]) -> dict[str, tuple[str, ...]]:
    """Storage → names of the guests whose configuration names a volume on it."""
    configurations = {
        f"guest {name[: -len('.conf')]} on {node}": reader.read(f"{_NODES}/{node}/{kind}/{name}", scope=CLUSTER) or ""
        for node in reader.names(_NODES, scope=CLUSTER)
        for kind in _GUESTS
        for name in reader.names(f"{_NODES}/{node}/{kind}", scope=CLUSTER)
        if name.endswith(".conf")
    }
    return {
        storage: tuple(guest for guest, text in configurations.items() if _uses(text, storage)) for storage in storages
    }


def _uses(text: str, storage: str) -> bool:
    return re.search(rf"^\w+:[ \t]*{re.escape(storage)}:", text, re.MULTILINE) is not None
