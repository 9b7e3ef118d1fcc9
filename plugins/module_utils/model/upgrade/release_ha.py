# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the HA manager of Proxmox VE 9 makes of the groups of 8, by itself, once every node runs 9.

Upstream: pve-ha-manager, PVE/HA/Groups.pm. A group that some resource uses becomes a rule of another name; one that
none uses vanishes, and a resource that names a group which does not exist loses that name without a word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cluster.section_config import is_set, parse_sections, split_list
from ..guest.ha import FOLDER

GROUPS, RULES, RESOURCES = "groups.cfg", "rules.cfg", "resources.cfg"
GROUPS_FILE, RULES_FILE, RESOURCES_FILE = (f"{FOLDER}/{name}" for name in (GROUPS, RULES, RESOURCES))
#: Where the groups are kept, as they were, until their rules have been seen. Only root can read that folder.
KEPT = "/etc/pve/priv/upgrade-ha-groups.json"
PREFIX = "ha-group-"


@dataclass(frozen=True)
class AffinityRule:
    """``nodes``: name → priority. comment is left out: nobody who compares it would gain anything."""

    nodes: Mapping[str, int]
    resources: frozenset[str]
    strict: bool = False


@dataclass(frozen=True)
class Migrated:
    """``rules``: id → rule. failback: resource → whether it goes back to its better node. lost: groups that nobody
    uses. orphans: resources whose group does not exist."""

    rules: Mapping[str, AffinityRule] = field(default_factory=dict)
    failback: Mapping[str, bool] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()


def migrated(groups_text: str, resources_text: str) -> Migrated:
    """What will become of these files."""
    groups = {name: one for name, one in parse_sections(groups_text).items() if one["type"] == "group"}
    resources = {f"{one['type']}:{name}": one for name, one in parse_sections(resources_text).items()}
    users = {name: frozenset(sid for sid, one in resources.items() if one.get("group") == name) for name in groups}
    grouped = {sid: one["group"] for sid, one in resources.items() if one.get("group")}
    return Migrated(
        rules={
            f"{PREFIX}{name}": AffinityRule(_nodes(group.get("nodes", "")), users[name], is_set(group, "restricted"))
            for name, group in groups.items()
            if users[name]
        },
        failback={sid: not is_set(groups[name], "nofailback") for sid, name in grouped.items() if name in groups},
        lost=tuple(sorted(name for name in groups if not users[name])),
        orphans=tuple(sorted(sid for sid, name in grouped.items() if name not in groups)),
    )


def parse_affinity_rules(text: str) -> dict[str, AffinityRule]:
    return {
        name: AffinityRule(
            _nodes(rule.get("nodes", "")), frozenset(split_list(rule.get("resources", ""))), is_set(rule, "strict")
        )
        for name, rule in parse_sections(text).items()
        if rule["type"] == "node-affinity"
    }


def _nodes(text: str) -> dict[str, int]:
    pairs = (entry.partition(":") for entry in split_list(text))
    return {name: int(priority or 0) for name, _colon, priority in pairs}


def kept_text(groups: str, resources: str) -> str:
    """The files as they were: what becomes of them can be worked out again at any time."""
    return json.dumps({GROUPS: groups, RESOURCES: resources}, indent=1, sort_keys=True) + "\n"


def parse_kept(text: str) -> tuple[str, str]:
    kept = json.loads(text)
    return str(kept[GROUPS]), str(kept[RESOURCES])


@dataclass(frozen=True)
class ObservedReleaseHa:
    """Texts of the files; "" where there is none. ``busy``: node → why the HA manager waits for it."""

    groups: str
    resources: str
    rules: str
    kept: str
    busy: Mapping[str, str] = field(default_factory=dict)
