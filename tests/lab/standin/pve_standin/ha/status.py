"""What the HA manager says (manager_status) and what it is told (crm_commands)."""

from __future__ import annotations

import json
from typing import Any

from pve_standin.core import cfs
from pve_standin.ha import config

STATUS = "ha/manager_status"
COMMANDS = "ha/crm_commands"
Status = dict[str, Any]


def read() -> Status:
    return dict(json.loads(cfs.cfs_read(STATUS) or "{}"))


def write(status: Status) -> None:
    cfs.cfs_write(STATUS, json.dumps(status))


def queue(command: str) -> None:
    """Leave a command for the manager, as upstream's tools do."""
    with cfs.cfs_lock("domain-ha"):
        cfs.absolute("ha").mkdir(exist_ok=True)
        cfs.cfs_write(COMMANDS, (cfs.cfs_read(COMMANDS) or "") + f"{command}\n")


def take_commands() -> list[list[str]]:
    if not cfs.cfs_read(COMMANDS):
        return []
    with cfs.cfs_lock("domain-ha"):
        text = cfs.cfs_read(COMMANDS) or ""
        cfs.cfs_write(COMMANDS, "")
    return [line.split() for line in text.splitlines()]


def managed() -> dict[str, str]:
    """sid -> the state that is asked for."""
    resources = config.read(config.RESOURCES)
    return {f"{one.type}:{number}": one.options.get("state", "started") for number, one in resources.items()}
