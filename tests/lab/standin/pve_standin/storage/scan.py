"""Looking at what a storage can be made of: exports, shares, targets, volume groups, thin pools."""

from __future__ import annotations

import re
import subprocess
from typing import Any

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.storage import iscsi as open_iscsi
from pve_standin.storage import lvm as volume_manager

TIMEOUT = 20


def nfs(server: str) -> list[dict[str, Any]]:
    """Exports with the clients they are for."""
    command = ["/sbin/showmount", "--no-headers", "--exports", server]
    try:
        result = run(command, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise ApiError(500, f"command '{' '.join(command)}' failed: got timeout") from error
    if result.returncode != 0:
        reason = result.stderr.strip()
        message = f"{reason}\n" if reason else ""
        raise ApiError(
            500,
            f"{message}command '{' '.join(command)}' failed: exit code {result.returncode}",
            errno=result.returncode,
        )
    return [_export(line) for line in result.stdout.splitlines() if line.strip()]


def _export(line: str) -> dict[str, Any]:
    # a path may contain blanks, the list of clients does not
    match = re.match(r"^(.+?)\s+(\S+)\s*$", line)
    return {"path": match.group(1), "options": match.group(2)} if match else {"path": line.strip(), "options": ""}


def cifs(server: str, user: str = "", password: str = "", domain: str = "") -> list[dict[str, Any]]:
    command = ["/usr/bin/smbclient", "-gL", server, "-N"]
    if user:
        command = ["/usr/bin/smbclient", "-gL", server, "-U", f"{domain}/{user}" if domain else user]
    try:
        result = run(command, check=False, timeout=TIMEOUT, env={"PASSWD": password} if password else None)
    except FileNotFoundError as error:
        raise ApiError(500, "no smbclient on this node", errno=2) from error
    shares = [line.split("|") for line in result.stdout.splitlines() if line.startswith("Disk|")]
    return [{"share": parts[1], "description": parts[2] if len(parts) > 2 else ""} for parts in shares]


def iscsi(portal: str) -> list[dict[str, Any]]:
    found = open_iscsi.discover([portal])
    return [{"target": target, "portal": ",".join(portals)} for target, portals in sorted(found.items())]


def lvm() -> list[dict[str, Any]]:
    return [{"vg": name, "size": room.total, "free": room.avail} for name, room in volume_manager.groups().items()]


def lvmthin(group: str) -> list[dict[str, Any]]:
    return [{"lv": row["lv_name"]} for row in volume_manager.logical_volumes(group) if row["lv_attr"][0] == "t"]
