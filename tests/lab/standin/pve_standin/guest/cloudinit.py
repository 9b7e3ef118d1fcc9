"""What a machine's cloud-init drive holds, and what is made for it from the configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pve_standin.guest import config, disk, hypervisor, sections, seed
from pve_standin.guest.config import Config

_KEYS = re.compile(
    r"ciuser|cipassword|sshkeys|nameserver|searchdomain|citype|ciupgrade|cicustom|name|(net|ipconfig)\d+"
)
#: Changes of these are told with the drive; those of names and cards are not.
_TOLD = re.compile(r"(ciuser|cipassword|sshkeys|nameserver|searchdomain)")


def _drive(current: Config) -> str:
    """Its volume; nothing where a machine has none."""
    found = [str(current[key]) for key in config.disk_keys(current) if "-cloudinit" in str(current[key])]
    return disk.split(found[0])[0] if found else ""


def generate(vmid: int) -> None:
    """What the drive holds is noted in a part of the configuration's own. One that really runs reads it."""
    current = config.read(vmid)
    volume = _drive(current)
    if volume:
        held = {key: value for key, value in current.items() if _KEYS.fullmatch(key)}
        config.write(vmid, held, sections.CLOUD_INIT)
        if hypervisor.SWITCH.exists():
            seed.write_image(Path(hypervisor.path_of(volume)), user_data(vmid, current), current)


def differences(vmid: int) -> list[dict[str, Any]]:
    """The rows of `qm cloudinit pending`."""
    current = {key: value for key, value in config.read(vmid).items() if _TOLD.fullmatch(key)}
    held = config.read_section(vmid, sections.CLOUD_INIT) or current
    rows = []
    for key in sorted({*current, *(key for key in held if _TOLD.fullmatch(key))}):
        row = {"key": key, "value": _shown(key, held.get(key)), "pending": _shown(key, current.get(key))}
        if held.get(key) == current.get(key):
            del row["pending"]
        if key not in current:
            row["delete"] = 1
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows


def _shown(key: str, value: Any) -> Any:
    return "**********" if key == "cipassword" and value is not None else value


def user_data(vmid: int, current: Config) -> str:
    name = str(current.get("name", f"VM{vmid}"))
    host = name.partition(".")[0]
    domain = current.get("searchdomain")
    full = name if "." in name or not domain else f"{name}.{domain}"
    lines = ["#cloud-config", f"hostname: {host}", "manage_etc_hosts: true", f"fqdn: {full}"]
    if "ciuser" in current:
        lines.append(f"user: {current['ciuser']}")
    if "cipassword" in current:
        lines.append(f"password: {current['cipassword']}")
    keys = [line.strip() for line in unquote(str(current.get("sshkeys", ""))).splitlines() if line.strip()]
    lines += ["ssh_authorized_keys:", *(f"  - {key}" for key in keys)] if keys else []
    lines += ["chpasswd:", "  expire: False"]
    if current.get("ciuser") != "root":
        lines += ["users:", "  - default"]
    if current.get("ciupgrade", 1):
        lines.append("package_upgrade: true")
    return "\n".join(lines) + "\n"
