"""mapping/pci.cfg: names for PCI devices that exist on several nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.guest import pci

FILE = "mapping/pci.cfg"

Mapping = dict[str, Any]


def parse(text: str) -> dict[str, Mapping]:
    found: dict[str, Mapping] = {}
    current: Mapping = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line[0].isspace():
            current = found.setdefault(line.strip(), {"map": []})
            continue
        key, _, value = line.strip().partition(" ")
        if key == "map":
            current["map"].append(value)
        else:
            current[key] = int(value) if key in ("mdev", "live-migration-capable") else value
    return found


def dump(mappings: dict[str, Mapping]) -> str:
    return "\n".join(_dump_one(name, mapping) for name, mapping in mappings.items())


def _dump_one(name: str, mapping: Mapping) -> str:
    lines = [name] + [f"\tmap {entry}" for entry in mapping["map"]]
    lines += [f"\t{key} {mapping[key]}" for key in sorted(mapping) if key != "map"]
    return "\n".join(lines) + "\n"


def read() -> dict[str, Mapping]:
    return parse(cfs.cfs_read(FILE) or "")


def digest() -> str:
    return hashlib.sha1((cfs.cfs_read(FILE) or "").encode()).hexdigest()


@contextmanager
def changed() -> Iterator[dict[str, Mapping]]:
    with cfs.cfs_lock("file-mapping_pci_cfg"):
        mappings = read()
        yield mappings
        cfs.absolute("mapping").mkdir(exist_ok=True)
        cfs.cfs_write(FILE, dump(mappings))


def entry_of(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


def checks(mapping: Mapping, node: str) -> list[dict[str, str]]:
    """What is wrong with a mapping on this node, as ?check-node= answers it."""
    mine = [entry_of(text) for text in mapping["map"] if entry_of(text).get("node") == node]
    if not mine:
        return [{"severity": "warning", "message": f"No mapping for node {node}."}]
    return [
        {"severity": "error", "message": f"Invalid configuration: {problem}"}
        for problem in (problem_of(entry, bool(mapping.get("mdev"))) for entry in mine)
        if problem
    ]


def problem_of(entry: dict[str, str], mediated: bool = False) -> str:
    """Why an entry does not fit the device of this node; empty when it does. The group is that of the first path."""
    for number, address in enumerate(entry.get("path", "").split(";")):
        device = pci.find(address)
        if device is None:
            return f"pci device '{address}' not found"
        said = {**entry, "mdev": "1" if mediated else "0"}
        for name, expected in _expected(device, first=number == 0).items():
            if expected is None and name in said:
                return f"unexpected property '{name}' configured for device '{address}'"
            if expected is not None and name not in said:
                return f"missing expected property '{name}' for device '{address}'"
            if expected is not None and said[name] != expected:
                return f"'{name}' does not match for '{address}' ({expected} != {said[name]})"
    return ""


def _expected(device: dict[str, Any], first: bool) -> dict[str, str | None]:
    """None: the device has no such property."""
    board = [device[f"subsystem_{part}"][2:] for part in ("vendor", "device")]
    found: dict[str, str | None] = {
        "id": f"{device['vendor'][2:]}:{device['device'][2:]}",
        "subsystem-id": ":".join(board) if all(board) else None,
        "mdev": str(device.get("mdev", 0)),
    }
    if first:
        found["iommugroup"] = str(device["iommugroup"]) if device["iommugroup"] != -1 else None
    return found


def get(name: str) -> Mapping:
    found = read().get(name)
    if found is None:
        raise ApiError(500, f"mapping '{name}' not found")
    return found
