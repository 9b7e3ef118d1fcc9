# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the cluster's files say of one node: files of /etc/pve only, the same on every member."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.leaving.membership import Affinity, DeviceMapping, HighAvailability, References, ReplicationJob
from ...model.storage.cfg import PATH as STORAGES
from ...model.storage.cfg import parse_sections
from ..storage.storage import parse_storages

REPLICATION = "/etc/pve/replication.cfg"
JOBS = "/etc/pve/jobs.cfg"
HA = "/etc/pve/ha"
MAPPING = "/etc/pve/mapping"
SDN = "/etc/pve/sdn"
MAPPING_KINDS = ("pci", "usb", "dir")
Sections = Mapping[str, Mapping[str, str]]
_TRUE = ("1", "yes", "on", "true")


def observe(reader: Reader, node: str, guest_nodes: Mapping[int, str]) -> References:
    """``guest_nodes``: VMID → the node that the guest is on, by which a replication job's source is known."""
    jobs = parse_sections(reader.read(JOBS) or "")
    return References(
        replication=tuple(parse_replication(reader.read(REPLICATION) or "", guest_nodes)),
        storages=parse_storages(reader.read(STORAGES) or ""),
        backup_jobs=tuple(sorted(name for name, job in jobs.items() if job.get("node") == node)),
        mappings=tuple(
            mapping
            for kind in MAPPING_KINDS
            for mapping in parse_mapping(kind, reader.read(f"{MAPPING}/{kind}.cfg") or "")
        ),
        sdn=tuple(_sdn(reader, node)),
        ha=_high_availability(reader),
    )


def parse_replication(text: str, guest_nodes: Mapping[int, str]) -> Iterator[ReplicationJob]:
    for name, job in parse_sections(text).items():
        guest = int(name.partition("-")[0])
        source = guest_nodes.get(guest, job.get("source", ""))
        yield ReplicationJob(name, guest, job.get("target", ""), source, "remove_job" in job)


def parse_mapping(kind: str, text: str) -> Iterator[DeviceMapping]:
    """A name on a line of its own, then one ``map`` line for each device of each node."""
    name, live = "", False
    entries: list[str] = []
    for line in [*text.splitlines(), "end"]:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] not in " \t":
            if name:
                yield DeviceMapping(kind, name, tuple(entries), live)
            name, entries, live = line.strip(), [], False
        elif line.split()[0] == "map":
            entries.append(line.strip()[len("map") :].strip())
        elif line.split()[0] == "live-migration-capable":
            live = line.split()[-1] in _TRUE


def _sdn(reader: Reader, node: str) -> Iterator[str]:
    word = re.compile(rf"(?<![\w.-]){re.escape(node)}(?![\w.-])")
    for name in reader.names(SDN):
        if name.endswith(".cfg") and word.search(reader.read(f"{SDN}/{name}") or ""):
            yield f"{SDN}/{name}"


def _high_availability(reader: Reader) -> HighAvailability:
    resources = parse_sections(reader.read(f"{HA}/resources.cfg") or "")
    status = _manager_status(reader.read(f"{HA}/manager_status"))
    services = status.get("service_status", {})
    return HighAvailability(
        resources={f"{found['type']}:{number}": found.get("state", "started") for number, found in resources.items()},
        services={sid: (found.get("node", ""), found.get("state", "")) for sid, found in services.items()},
        nodes=dict(status.get("node_status", {})),
        affinities=(
            *_rules(parse_sections(reader.read(f"{HA}/rules.cfg") or "")),
            *_groups(parse_sections(reader.read(f"{HA}/groups.cfg") or ""), resources),
        ),
    )


def _rules(sections: Sections) -> Iterator[Affinity]:
    for name, rule in sections.items():
        if rule["type"] == "node-affinity":
            sids = frozenset(re.split(r"[,; ]+", rule.get("resources", ""))) - {""}
            yield Affinity(name, parse_nodes(rule.get("nodes", "")), sids, rule.get("strict", "0") in _TRUE)


def _groups(sections: Sections, resources: Sections) -> Iterator[Affinity]:
    """Before Proxmox VE 9 it is the resource that names its group."""
    for name, group in sections.items():
        sids = frozenset(f"{one['type']}:{number}" for number, one in resources.items() if one.get("group") == name)
        nodes, strict = parse_nodes(group.get("nodes", "")), group.get("restricted", "0") in _TRUE
        yield Affinity(name, nodes, sids, strict, group=True)


def parse_nodes(text: str) -> dict[str, str]:
    """``pve1:2,pve3`` → node and priority."""
    pairs = (entry.partition(":") for entry in re.split(r"[,; ]+", text) if entry)
    return {name: priority for name, dummy, priority in pairs}


def _manager_status(text: Optional[str]) -> dict[str, Any]:
    if not text:
        return {}
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise Unreadable(f"{HA}/manager_status does not hold JSON: {error}.") from error
