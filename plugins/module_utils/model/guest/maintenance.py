# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the HA manager writes what it makes of each node, and what it calls one that it keeps free of guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MANAGER_STATUS = "/etc/pve/ha/manager_status"
#: A node in this state is given no guests, and those that HA runs are moved away from it.
MAINTENANCE = "maintenance"
#: What was asked of the manager for each node. It keeps that for one that is deleted, so for the next of its name.
REQUESTS = "node_request"


def is_asked_for(status: Mapping[str, Any], node: str) -> bool:
    """Whether the manager is to keep the node free, be it that it has not come to that yet."""
    return bool(status.get(REQUESTS, {}).get(node, {}).get(MAINTENANCE))


def is_kept_free(status: Mapping[str, Any], node: str) -> bool:
    return is_asked_for(status, node) or status.get("node_status", {}).get(node) == MAINTENANCE
