"""The daemons as systemd sees them, and the ids of those that live on this node."""

from __future__ import annotations

import re
from pathlib import Path

from pve_standin.ceph.tools import CLUSTER, STATE, show
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run

UNITS = Path("/etc/systemd/system")
KINDS = ("mon", "mgr", "mds", "osd")


def unit(kind: str, daemon: str) -> str:
    return f"ceph-{kind}@{daemon}.service"


def unit_of_service(service: str) -> str:
    """The unit for pveceph's --service: 'ceph', 'ceph.target', 'mon', 'osd.3'."""
    match = re.fullmatch(r"(ceph|mon|mds|osd|mgr)(\.target|\.([A-Za-z0-9\-]{1,200}))?", service)
    if not match:
        raise ApiError(500, f"unknown service '{service}'")
    kind, suffix, daemon = match.group(1), match.group(2), match.group(3)
    if kind == "ceph":
        return "ceph.target"
    return unit(kind, daemon) if suffix and daemon else f"ceph-{kind}.target"


def control(action: str, service: str) -> None:
    """Start, stop or restart; a unit that failed too often before gets a new chance."""
    name = unit_of_service(service)
    if action != "stop" and name.endswith(".service"):
        run(["/bin/systemctl", "reset-failed", name], check=False)
    show(["/bin/systemctl", action, name])


def enable(kind: str, daemon: str) -> None:
    show(["/bin/systemctl", "enable", unit(kind, daemon)])


def start(kind: str, daemon: str) -> None:
    control("start", f"{kind}.{daemon}")


def stop_and_disable(kind: str, daemon: str) -> None:
    show(["/bin/systemctl", "stop", unit(kind, daemon)])
    show(["/bin/systemctl", "disable", unit(kind, daemon)])


def local_daemons() -> dict[str, list[str]]:
    """Ids of the daemons that have a directory on this node."""
    return {kind: _ids_with_directory(kind) for kind in KINDS}


def _ids_with_directory(kind: str) -> list[str]:
    folder = STATE / kind
    prefix = f"{CLUSTER}-"
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [name[len(prefix) :] for name in names if name.startswith(prefix)]


def enabled_daemons() -> list[tuple[str, str]]:
    """(kind, id) of every daemon whose unit is enabled on this node."""
    found = []
    for link in sorted(UNITS.glob("ceph-*.target.wants/ceph-*@?*.service")):
        kind, _, daemon = link.name[len("ceph-") : -len(".service")].partition("@")
        found.append((kind, daemon))
    return found


def local_state() -> dict[str, dict[str, dict[str, int]]]:
    """What this node tells the others: kind -> id -> {direxists, service}."""
    state: dict[str, dict[str, dict[str, int]]] = {kind: {} for kind in KINDS if kind != "osd"}
    for kind, ids in local_daemons().items():
        if kind in state:
            for daemon in ids:
                state[kind][daemon] = {"direxists": 1}
    for kind, daemon in enabled_daemons():
        if kind in state:
            state[kind].setdefault(daemon, {})["service"] = 1
    return state
