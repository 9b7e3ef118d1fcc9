# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the guests of the cluster as this node sees them, with as few configurations as will do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from ...engine.reader import CLUSTER, Reader
from ...model.cluster.cluster import MEMBERS
from ...model.cluster.section_config import is_set, split_list
from ...model.guest.guest import NODES, Guest
from ...model.guest.ha import FOLDER
from ...model.guest.overview import GuestOverview, Lrm, Replica, ResourceAffinity
from ...model.storage.cfg import PATH
from ...model.storage.entry import parse_storages
from ..cluster.cluster import parse_members
from ..node import host
from . import guests, ha, mapping, replication

REPLICATION_STATE = "/var/lib/pve-manager/pve-replication-state.json"
DATACENTER = "/etc/pve/datacenter.cfg"
#: The older one first.
TASKS = ("/var/log/pve/tasks/index.1", "/var/log/pve/tasks/index")
_START = re.compile(
    r"(?m)^UPID:[^:\s]+:[0-9A-F]+:[0-9A-F]+:([0-9A-F]{8,9}):(?:qm|vz)start:(\d+):\S+ [0-9A-F]+ (?:OK|WARNINGS: \d+)$"
)
_MIGRATION = re.compile(r"(?m)^migration:.*\bnetwork=([^,\s]+)")


def observe(reader: Reader) -> GuestOverview:
    """The configurations of nodes that are online are read there."""
    node = host.observe(reader).name
    places = guests.places(reader)
    storages = parse_storages(reader.read(PATH, scope=CLUSTER) or "").entries
    known: dict[int, Guest] = {}
    for one in sorted({node, *_absent(reader)}):
        known.update((guest.vmid, guest) for guest in guests.on(reader, one, places, storages, ()))
    return GuestOverview(
        node=node,
        places={vmid: (place.node, place.kind) for vmid, place in places.items()},
        known=known,
        ha=ha.observe(reader),
        lrm=parse_lrm(reader.read(f"{NODES}/{node}/lrm_status")),
        affinities=tuple(parse_affinities(reader.read(f"{FOLDER}/rules.cfg", scope=CLUSTER) or "")),
        relocations=parse_relocations(reader.read(f"{FOLDER}/resources.cfg", scope=CLUSTER) or ""),
        jobs=replication.observe(reader, places),
        replicas=tuple(parse_replicas(reader.read(REPLICATION_STATE) or "{}")),
        mappings=mapping.observe(reader),
        migration=parse_migration(reader.read(DATACENTER, scope=CLUSTER) or ""),
        started=parse_starts([reader.read(file) or "" for file in TASKS]) if _of_owners(known.values()) else {},
    )


def _of_owners(known: Iterable[Guest]) -> bool:
    return any("owner" in guest.said for guest in known)


def parse_starts(texts: Iterable[str]) -> dict[int, int]:
    """Lists of tasks that have ended, whose names are UPID:NODE:PID:PSTART:BEGAN:KIND:VMID:USER:, in hexadecimal."""
    found: dict[int, int] = {}
    for text in texts:
        for began, vmid in _START.findall(text):
            found[int(vmid)] = max(int(began, 16), found.get(int(vmid), 0))
    return found


def _absent(reader: Reader) -> list[str]:
    members = parse_members(reader.read(MEMBERS))
    return [] if members is None else [name for name, online in members.online.items() if not online]


def parse_lrm(text: Optional[str]) -> Optional[Lrm]:
    if not text:
        return None
    told = json.loads(text)
    return Lrm(str(told["state"]), str(told.get("mode", "active")), told.get("timestamp"))


def parse_replicas(text: str) -> Iterator[Replica]:
    """VMID → target, such as ``local/pve2`` → how copying there went."""
    told: Mapping[str, Mapping[str, Mapping[str, Any]]] = json.loads(text)
    for vmid, targets in told.items():
        for target, state in targets.items():
            last, failures = float(state.get("last_sync", 0)), int(state.get("fail_count", 0))
            yield Replica(int(vmid), target.rpartition("/")[2], last, failures)


def parse_affinities(text: str) -> Iterator[ResourceAffinity]:
    for name, rule in ha.parse_rules(text, "resource-affinity"):
        resources = frozenset(split_list(rule["resources"]))
        yield ResourceAffinity(name, resources, rule["affinity"] == "positive", is_set(rule, "disable"))


def parse_relocations(text: str) -> dict[str, int]:
    found = ha.parse_resources(text)
    return {sid: int(one["max_relocate"]) for sid, one in found.items() if "max_relocate" in one}


def parse_migration(text: str) -> str:
    """The network in datacenter.cfg: ``migration: secure,network=10.10.3.0/24``."""
    found = _MIGRATION.search(text)
    return found[1] if found else ""
