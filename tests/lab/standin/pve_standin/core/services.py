"""The systemd services a node lists, under the short names PVE gives them."""

from __future__ import annotations

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run, run_visible

SERVICES = (
    "chrony",
    "corosync",
    "cron",
    "ksmtuned",
    "lxcfs",
    "postfix",
    "proxmox-firewall",
    "pve-cluster",
    "pve-firewall",
    "pve-ha-crm",
    "pve-ha-lrm",
    "pve-lxc-syscalld",
    "pvedaemon",
    "pvefw-logger",
    "pveproxy",
    "pvescheduler",
    "pvestatd",
    "qmeventd",
    "spiceproxy",
    "sshd",
    "syslog",
    "systemd-journald",
    "systemd-timesyncd",
)
UNITS = {"sshd": "ssh"}
PROPERTIES = ("Description", "ActiveState", "SubState", "UnitFileState", "LoadState")


def unit(service: str) -> str:
    if service not in SERVICES:
        raise ApiError(400, "Parameter verification failed.", {"service": f"no such service '{service}'"})
    return f"{UNITS.get(service, service)}.service"


def states() -> list[dict[str, str]]:
    """All services with one call of systemctl."""
    units = [unit(service) for service in SERVICES]
    shown = run(["systemctl", "show", "--property", ",".join(PROPERTIES), *units], check=False).stdout
    blocks = shown.strip("\n").split("\n\n")
    return [_row(service, block) for service, block in zip(SERVICES, blocks)]


def state(service: str) -> dict[str, str]:
    shown = run(["systemctl", "show", "--property", ",".join(PROPERTIES), unit(service)], check=False).stdout
    return _row(service, shown)


def _row(service: str, block: str) -> dict[str, str]:
    found = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    loaded = found.get("LoadState", "")
    return {
        "service": service,
        "name": service,
        "desc": found.get("Description", ""),
        "state": found.get("SubState", "unknown"),
        "active-state": found.get("ActiveState", "unknown"),
        "unit-state": loaded if loaded in ("masked", "not-found") else found.get("UnitFileState", "") or "unknown",
    }


def control(action: str, service: str) -> None:
    run_visible(["systemctl", action, unit(service)])
