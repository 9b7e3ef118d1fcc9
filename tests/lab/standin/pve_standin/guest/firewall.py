"""Firewalls, as files: of the cluster cluster.fw, of a guest <vmid>.fw. Nothing is filtered by them here.

Like upstream, it asks nobody whether there is such a guest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pve_standin.api.schema import split_list
from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError, parameter_error

CLUSTER = "cluster"
#: Section -> its lines; "OPTIONS" and "IPSET name" are read, others are kept.
Sections = dict[str, list[str]]


def file(name: str) -> Path:
    return paths.PVE / "firewall" / f"{name}.fw"


def _text(name: str) -> str:
    return cfs.cfs_read(file(name)) or ""


def _sections(name: str) -> Sections:
    parts = re.split(r"(?m)^\[([^\]]+)\].*\n", _text(name))
    return {
        title: [line for line in body.splitlines() if line.strip()] for title, body in zip(parts[1::2], parts[2::2])
    }


def _write(name: str, sections: Sections) -> None:
    file(name).parent.mkdir(parents=True, exist_ok=True)
    kept = {title: lines for title, lines in sections.items() if lines or title.startswith("IPSET")}
    cfs.cfs_write(
        file(name),
        "".join(f"[{title}]\n\n" + "".join(f"{one}\n" for one in lines) + "\n" for title, lines in kept.items()),
    )


def _digest(name: str) -> str:
    return hashlib.sha1(_text(name).encode()).hexdigest()


def options(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"digest": _digest(name)}
    for line in _sections(name).get("OPTIONS", []):
        key, _, value = line.partition(": ")
        found[key] = int(value) if value.isdigit() else value
    return found


def set_options(name: str, params: Mapping[str, Any]) -> None:
    sections = _sections(name)
    found = {key: value for key, value in options(name).items() if key != "digest"}
    for key in split_list(str(params.get("delete", ""))):
        found.pop(key, None)
    found.update({key: value for key, value in params.items() if key not in ("node", "vmid", "delete", "digest")})
    _write(name, {**sections, "OPTIONS": [f"{key}: {value}" for key, value in found.items()]})


def sets(name: str) -> list[dict[str, Any]]:
    names = [title.partition(" ")[2] for title in _sections(name) if title.startswith("IPSET ")]
    return [{"name": one, "digest": _digest(name)} for one in sorted(names)]


def make_set(name: str, wanted: str) -> None:
    sections = _sections(name)
    if f"IPSET {wanted}" in sections:
        raise parameter_error({"name": f"IPSet '{wanted}' already exists"})
    _write(name, {**sections, f"IPSET {wanted}": []})


def _set(name: str, wanted: str) -> tuple[Sections, list[str]]:
    sections = _sections(name)
    if f"IPSET {wanted}" not in sections:
        raise ApiError(500, f"no such IPSet '{wanted}'")
    return sections, sections[f"IPSET {wanted}"]


def remove_set(name: str, wanted: str, force: bool) -> None:
    sections, lines = _set(name, wanted)
    if lines and not force:
        raise ApiError(500, f"IPSet '{wanted}' is not empty")
    del sections[f"IPSET {wanted}"]
    _write(name, sections)


def content(name: str, wanted: str) -> list[dict[str, Any]]:
    lines = _set(name, wanted)[1]
    rows = [{"cidr": line.lstrip("!"), "digest": hashlib.sha1("\n".join(lines).encode()).hexdigest()} for line in lines]
    return [{**row, "nomatch": 1} if line.startswith("!") else row for row, line in zip(rows, lines)]


def add(name: str, wanted: str, cidr: str, nomatch: bool) -> None:
    sections, lines = _set(name, wanted)
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        raise ApiError(500, f"no such alias '{cidr}'") from None
    if network.prefixlen == 0:
        raise parameter_error({"cidr": "a zero prefix is not allowed in ipset entries"})
    if cidr in [line.lstrip("!") for line in lines]:
        raise parameter_error({"cidr": f"address '{cidr}' already exists"})
    lines.insert(0, f"{'!' if nomatch else ''}{cidr}")
    _write(name, sections)


def remove(name: str, wanted: str, cidr: str) -> None:
    """What is not there is removed, too."""
    sections, lines = _set(name, wanted)
    sections[f"IPSET {wanted}"] = [line for line in lines if line.lstrip("!") != cidr]
    _write(name, sections)


def copy(source: int, target: int) -> None:
    """A clone has the firewall of what it is a clone of."""
    text = cfs.cfs_read(file(str(source)))
    if text is not None:
        cfs.cfs_write(file(str(target)), text)


def forget(vmid: int) -> None:
    file(str(vmid)).unlink(missing_ok=True)
