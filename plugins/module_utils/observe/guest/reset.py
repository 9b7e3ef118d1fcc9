# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API what machines are, and what they were when a snapshot of them was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Optional

from ...engine.reader import NODE, Reader
from ...model.access import names
from ...model.access.need import Held
from ...model.guest.reset import DesiredReset, ObservedReset, Snapshot
from ..access.access import observe_rights
from . import fleet
from .release import as_they_run, guests_of, held_volumes


def observe(reader: Reader, desired: DesiredReset) -> ObservedReset:
    fleets = fleet.observe(reader, desired.scope.fleets)
    if fleets.lacking or not fleets.quorate:
        return ObservedReset(fleets)
    asked = sorted(vmid for vmid, dummy in guests_of(desired.scope, fleets))
    guests = {**fleets.guests, **as_they_run(reader, fleets, asked)}
    others = [guest for vmid, guest in guests.items() if vmid not in fleets.configs]
    fleets = replace(fleets, guests=guests, configs={**fleets.configs, **fleet.read_configs(reader, others)})
    lists = reader.get_many([f"{guests[vmid].path}/snapshot" for vmid in asked], NODE)
    snapshots = {
        vmid: tuple(
            Snapshot(row["name"], int(row.get("snaptime") or 0), row.get("parent") or "")
            for row in rows
            if row["name"] != "current"
        )
        for vmid, rows in zip(asked, lists)
    }
    having = [vmid for vmid in asked if any(one.name == desired.snapshot for one in snapshots[vmid])]
    kept = reader.get_many([f"{guests[vmid].path}/config?snapshot={desired.snapshot}" for vmid in having], NODE)
    then = {vmid: {key: str(value) for key, value in told.items()} for vmid, told in zip(having, kept)}
    ha, jobs = reader.get_many(("/cluster/ha/resources", "/cluster/replication"))
    return ObservedReset(
        fleets,
        snapshots,
        then,
        held_volumes(reader, fleets),
        ha={row["sid"]: str(row.get("state") or "started") for row in ha},
        replicated=frozenset(int(row["guest"]) for row in jobs),
        rights=_rights(reader, desired, asked),
    )


def _rights(reader: Reader, desired: DesiredReset, asked: Sequence[int]) -> Optional[Mapping[str, Held]]:
    if desired.scope.fleets.caller == names.ROOT:
        return None
    return observe_rights(reader, {"/", *(f"/vms/{vmid}" for vmid in asked)})
