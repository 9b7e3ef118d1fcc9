# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API which PCI mappings there are, and which devices each node has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.access.names import ROOT
from ...model.access.need import Need, missing
from ...model.gpu.mapping import (
    DesiredMappings,
    MappableDevice,
    MappingUser,
    ObservedMappings,
    PresentMapping,
    entry_of,
)
from ...model.guest.guest import path_of
from ...model.guest.properties import truth
from ..access import release
from ..access.access import observe_rights
from ..guest.tell import tell

MAPPINGS = "/cluster/mapping/pci"
NEEDS = frozenset((Need("/mapping/pci", "Mapping.Modify"), Need("/", "Sys.Audit"), Need("/vms", "VM.Audit")))
_USES = re.compile(r"(?:^|,)mapping=([^,]+)")
Row = Mapping[str, Any]


def observe(reader: Reader, desired: DesiredMappings) -> ObservedMappings:
    number = release.observe(reader)
    lacking = _lacking(reader, desired) if number is not None else ()
    if number is None or number < 8 or lacking:
        return ObservedMappings(number, lacking=lacking)
    resources = reader.get("/cluster/resources")
    nodes = sorted(row["node"] for row in resources if row["type"] == "node")
    answers = dict(zip(nodes, tell(reader, [f"/nodes/{name}/hardware/pci?pci-class-blacklist=" for name in nodes])))
    devices = {name: _devices(rows) for name, rows in answers.items() if not isinstance(rows, Unreadable)}
    present = {row["id"]: _present(row) for row in reader.get(MAPPINGS)}
    asked = [one.name for one in desired.mappings if one.absent or _lacks(present.get(one.name), devices)]
    machines = [row for row in resources if row["type"] == "qemu"] if set(asked) & set(present) else []
    users, unread = _users(reader, machines)
    return ObservedMappings(
        number,
        present,
        devices,
        silent={name: rows.message for name, rows in answers.items() if isinstance(rows, Unreadable)},
        users=tuple(users),
        unread=tuple(unread),
    )


def _lacking(reader: Reader, desired: DesiredMappings) -> tuple[str, ...]:
    """Whoever may not see everything would take what he does not see for absent."""
    if desired.caller == ROOT:
        return ()
    found = missing(observe_rights(reader, {need.path for need in NEEDS}), NEEDS)
    return tuple(f"{need.privilege} on {need.path}" for need in found)


def _devices(rows: Sequence[Row]) -> tuple[MappableDevice, ...]:
    return tuple(_device(row) for row in sorted(rows, key=lambda row: str(row["id"])))


def _device(row: Row) -> MappableDevice:
    board = [_number(row.get(f"subsystem_{part}")) for part in ("vendor", "device")]
    return MappableDevice(
        address=str(row["id"]).lower(),
        id=f"{_number(row['vendor'])}:{_number(row['device'])}",
        subsystem=":".join(board) if all(board) else "",
        group=int(row.get("iommugroup", -1)),
        mediated=truth(row.get("mdev")),
    )


def _number(text: object) -> str:
    return str(text or "").lower().replace("0x", "", 1)


def _present(row: Row) -> PresentMapping:
    return PresentMapping(
        row["id"],
        tuple(row.get("map") or ()),
        truth(row.get("mdev")),
        truth(row.get("live-migration-capable")),
        (row.get("description") or "").rstrip("\n"),
        row.get("digest") or "",
    )


def _lacks(mapping: Optional[PresentMapping], devices: Mapping[str, tuple[MappableDevice, ...]]) -> bool:
    """Whether it names something that is not there."""
    if mapping is None:
        return False
    for text in mapping.entries:
        entry = entry_of(text)
        its = devices.get(entry.get("node", ""), ())
        there = [one.address for one in its if one.mediated or not mapping.vgpu]
        paths = entry.get("path", "").split(";")
        if its and not all(any(one.startswith(path) for one in there) for path in paths):
            return True
    return False


def _users(reader: Reader, machines: Sequence[Row]) -> tuple[list[MappingUser], list[str]]:
    answers = tell(reader, [f"{path_of('qemu', row['node'], int(row['vmid']))}/config" for row in machines])
    found, unread = [], []
    for row, config in zip(machines, answers):
        guest = f"VM {row['vmid']}" + (f" ({row['name']})" if row.get("name") else "")
        if isinstance(config, Unreadable):
            unread.append(guest)
        else:
            found += list(_uses(guest, row["node"], config))
    return found, unread


def _uses(guest: str, node: str, config: Row) -> Iterator[MappingUser]:
    for key, value in config.items():
        named = _USES.search(str(value)) if re.fullmatch(r"hostpci\d+", key) else None
        if named:
            yield MappingUser(guest, node, named[1], truth(config.get("onboot")))
