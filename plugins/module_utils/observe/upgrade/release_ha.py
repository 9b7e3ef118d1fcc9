# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the HA groups and rules of the cluster, and which node keeps the one from becoming the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader
from ...model.upgrade.release_ha import GROUPS_FILE, KEPT, RESOURCES_FILE, RULES_FILE, ObservedReleaseHa
from ..guest.ha import manager_status

_ONLINE, _ACTIVE = "online", "active"


def observe(reader: Reader, desired: object = None) -> ObservedReleaseHa:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    paths = (GROUPS_FILE, RESOURCES_FILE, RULES_FILE, KEPT)
    groups, resources, rules, kept = (reader.read(path, scope=CLUSTER) or "" for path in paths)
    busy = dict(_busy(reader)) if groups.strip() else {}
    return ObservedReleaseHa(groups, resources, rules, kept, busy)


def _busy(reader: Reader) -> Iterator[tuple[str, str]]:
    for node, state in sorted(manager_status(reader).get("node_status", {}).items()):
        mode = _lrm(reader, node).get("mode", _ACTIVE)
        if state != _ONLINE:
            yield node, f"is {state} for the HA manager"
        elif mode != _ACTIVE:
            yield node, f"has its HA services in mode {mode}"


def _lrm(reader: Reader, node: str) -> dict[str, Any]:
    path = f"/etc/pve/nodes/{node}/lrm_status"
    try:
        return dict(json.loads(reader.read(path, scope=CLUSTER) or "{}"))
    except ValueError as error:
        raise Unreadable(f"{path} does not hold JSON: {error}.") from error
