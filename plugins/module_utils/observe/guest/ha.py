# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the HA manager is in charge of: its configuration, and what it last wrote of its work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader
from ...model.cluster.section_config import is_set, parse_sections, split_list
from ...model.guest.ha import FOLDER, HighAvailability, NodeAffinity
from ...model.guest.maintenance import MANAGER_STATUS, REQUESTS, is_asked_for

Sections = Mapping[str, Mapping[str, str]]


def observe(reader: Reader) -> HighAvailability:
    resources = _sections(reader, "resources")
    status = manager_status(reader)
    services = status.get("service_status", {})
    return HighAvailability(
        resources={f"{found['type']}:{number}": found.get("state", "started") for number, found in resources.items()},
        services={sid: (found.get("node", ""), found.get("state", "")) for sid, found in services.items()},
        nodes=dict(status.get("node_status", {})),
        asked_free=frozenset(node for node in status.get(REQUESTS, {}) if is_asked_for(status, node)),
        affinities=(*_rules(_sections(reader, "rules")), *_groups(_sections(reader, "groups"), resources)),
    )


def _sections(reader: Reader, name: str) -> Sections:
    return parse_sections(reader.read(f"{FOLDER}/{name}.cfg", scope=CLUSTER) or "")


def _rules(sections: Sections) -> Iterator[NodeAffinity]:
    for name, rule in sections.items():
        if rule["type"] == "node-affinity":
            yield NodeAffinity(
                name,
                parse_nodes(rule.get("nodes", "")),
                resources=frozenset(split_list(rule.get("resources", ""))),
                strict=is_set(rule, "strict"),
                disabled=is_set(rule, "disable"),
            )


def _groups(sections: Sections, resources: Sections) -> Iterator[NodeAffinity]:
    """Before Proxmox VE 9 it is the resource that names its group."""
    for name, group in sections.items():
        sids = frozenset(f"{one['type']}:{number}" for number, one in resources.items() if one.get("group") == name)
        strict = is_set(group, "restricted")
        yield NodeAffinity(name, parse_nodes(group.get("nodes", "")), sids, strict, group=True)


def parse_nodes(text: str) -> dict[str, str]:
    """``pve1:2,pve3`` → node and priority."""
    pairs = (entry.partition(":") for entry in split_list(text))
    return {name: priority for name, dummy, priority in pairs}


def manager_status(reader: Reader) -> dict[str, Any]:
    """What the HA manager last wrote of its work; nothing where it has never worked."""
    text = reader.read(MANAGER_STATUS, scope=CLUSTER)
    if not text:
        return {}
    try:
        return dict(json.loads(text))
    except ValueError as error:
        raise Unreadable(f"{MANAGER_STATUS} does not hold JSON: {error}.") from error
