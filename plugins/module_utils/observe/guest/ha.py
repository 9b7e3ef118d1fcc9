# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the HA manager is in charge of: its configuration, and what it last wrote of its work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader
from ...model.cluster.section_config import first_values, is_set, parse_sections, read_sections, split_list
from ...model.guest.ha import FOLDER, HighAvailability, NodeAffinity
from ...model.guest.maintenance import MANAGER_STATUS, REQUESTS, is_asked_for

Sections = Mapping[str, Mapping[str, str]]
_KINDS = ("vm", "ct")
_VMID = re.compile(r"[1-9][0-9]+")
_RULE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]+")
#: Type of a rule → what it cannot be without.
_RULES = {"node-affinity": {"nodes", "resources"}, "resource-affinity": {"affinity", "resources"}}
#: Property → what a value of it, or each word of a list, looks like. Flags are set by 1 and by their mere names.
_WORDS = {
    "nodes": re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:[0-9]+)?"),
    "resources": re.compile(r"[a-z]+:\S+", re.ASCII),
    "affinity": re.compile("positive|negative"),
    "state": re.compile("started|stopped|enabled|disabled|ignored"),
    "max_relocate": re.compile("[0-9]+"),
    **dict.fromkeys(("strict", "disable"), re.compile("[01]?")),
}
_LISTS = ("nodes", "resources")


def observe(reader: Reader) -> HighAvailability:
    resources = parse_resources(reader.read(f"{FOLDER}/resources.cfg", scope=CLUSTER) or "")
    status = manager_status(reader)
    services = status.get("service_status", {})
    return HighAvailability(
        resources={sid: found.get("state", "started") for sid, found in resources.items()},
        services={sid: (found.get("node", ""), found.get("state", "")) for sid, found in services.items()},
        nodes=dict(status.get("node_status", {})),
        asked_free=frozenset(node for node in status.get(REQUESTS, {}) if is_asked_for(status, node)),
        affinities=(
            *_rules(reader.read(f"{FOLDER}/rules.cfg", scope=CLUSTER) or ""),
            *_groups(parse_sections(reader.read(f"{FOLDER}/groups.cfg", scope=CLUSTER) or ""), resources),
        ),
    )


def parse_resources(text: str) -> dict[str, Mapping[str, str]]:
    """resources.cfg: sid → its properties, of all that Proxmox VE takes for one."""
    found: dict[str, Mapping[str, str]] = {}
    for section in read_sections(text):
        kind = section.type.lower()
        if kind in _KINDS and _VMID.fullmatch(section.name):
            found[f"{kind}:{section.name}"] = first_values(section, _is_right)
    return found


def parse_rules(text: str, kind: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """rules.cfg: name and properties of each rule of this type; one that Proxmox VE takes for none is none."""
    found = {}
    for section in read_sections(text):
        needed = _RULES.get(section.type.lower())
        if needed is not None and _RULE.fullmatch(section.name):
            rule = first_values(section, _is_right)
            found[section.name] = (section.type.lower(), rule if needed <= set(rule) else None)
    for name, (its, properties) in found.items():
        if its == kind and properties is not None:
            yield name, properties


def _is_right(key: str, value: str) -> bool:
    """What Proxmox VE finds wrong it passes over: of a property that stands there twice the first right one counts."""
    known = _WORDS.get(key)
    words = split_list(value) if key in _LISTS and value else [value]  # a comma alone is a list, too, of nothing
    return known is None or all(known.fullmatch(word) for word in words)


def _rules(text: str) -> Iterator[NodeAffinity]:
    for name, rule in parse_rules(text, "node-affinity"):
        yield NodeAffinity(
            name,
            parse_nodes(rule["nodes"]),
            resources=frozenset(split_list(rule["resources"])),
            strict=is_set(rule, "strict"),
            disabled=is_set(rule, "disable"),
        )


def _groups(sections: Sections, resources: Sections) -> Iterator[NodeAffinity]:
    """Before Proxmox VE 9 it is the resource that names its group."""
    for name, group in sections.items():
        sids = frozenset(sid for sid, one in resources.items() if one.get("group") == name)
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
