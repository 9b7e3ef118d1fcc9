# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what a node must wait for until it can use the storages, and what it will wait for in vain.

Nothing is configured here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.condition import Condition
from ...engine.plan import Plan, Refusal, Run, Step, Wait
from ...engine.reader import command
from ...model.storage.access import OFFERED, DesiredStorageAccess, ObservedStorageAccess, enabled_on, on_local_group
from ...model.storage.cfg import shown
from ...model.storage.entry import StorageEntry
from ...model.storage.storage import DesiredStorage
from ...model.storage.types import TYPES
from .desired import desired_from as storages_from


def desired_from(params: Mapping[str, Any]) -> DesiredStorageAccess:
    return DesiredStorageAccess(storages_from(params).storages, params["expect"], params["ask_pvesm"])


def decide(desired: DesiredStorageAccess, observed: ObservedStorageAccess) -> Plan:
    mine = [storage for storage in desired.storages if _is_mine(storage, observed)]
    if desired.expect == OFFERED:
        fresh = [storage for storage in mine if storage.id not in observed.entries]
        waiting = [storage for storage in fresh if _is_export(storage) and not _is_offered(storage, observed)]
        # the volume groups of a target that this node has no session with yet are still to come
        known = None if any(TYPES[storage.type].beforehand == "disks" for storage in fresh) else observed.groups
        return Plan(
            steps=tuple(_wait_for_offer(storage) for storage in waiting),
            refusals=tuple(_refuse_missing_groups(fresh, known)),
        )
    inactive = [storage for storage in mine if storage.id not in observed.active]
    return Plan(
        steps=(*_look_again(inactive), *(_wait_for_activity(storage) for storage in inactive)),
        before={"active": sorted(storage.id for storage in mine if storage not in inactive)},
        after={"active": sorted(storage.id for storage in mine)},
    )


def _is_mine(storage: DesiredStorage, observed: ObservedStorageAccess) -> bool:
    """What counts is the entry, as soon as there is one: a list of nodes may have been kept from before."""
    entry = observed.entries.get(storage.id, StorageEntry(storage.type, storage.options))
    return not storage.absent and enabled_on(observed.node, entry) and enabled_on(observed.node, _as_wanted(storage))


def _as_wanted(storage: DesiredStorage) -> StorageEntry:
    return StorageEntry(storage.type, storage.options)


def _is_export(storage: DesiredStorage) -> bool:
    return TYPES[storage.type].beforehand == "export"


def _is_offered(storage: DesiredStorage, observed: ObservedStorageAccess) -> bool:
    server, export = shown(storage.options["server"]), shown(storage.options["export"])
    return export in observed.offered.get(server, frozenset())


def _refuse_missing_groups(
    storages: list[DesiredStorage], groups: Optional[Mapping[str, frozenset[str]]]
) -> Iterator[Refusal]:
    """Proxmox VE would define an lvm without its volume group, and it would never be active."""
    if groups is None:
        return
    for storage in filter(on_local_group, storages):
        group, pool = shown(storage.options["vgname"]), shown(storage.options.get("thinpool", ""))
        names = f"or name only nodes that have it in nodes of {storage.id}."
        if group not in groups:
            yield Refusal(
                f"This node has no volume group {group}, which the storage {storage.id} needs"
                f" (it has {', '.join(sorted(groups)) or 'none'}).",
                f"Correct vgname, make it (`vgcreate {group} DISK`), {names}",
            )
        elif pool and pool not in groups[group]:
            yield Refusal(
                f"The volume group {group} of this node has no thin pool {pool} for the storage {storage.id}"
                f" (it has {', '.join(sorted(groups[group])) or 'none'}).",
                f"Correct thinpool, make it (`lvcreate --type thin-pool --name {pool} --size SIZE {group}`), {names}",
            )


def _look_again(inactive: list[DesiredStorage]) -> tuple[Step, ...]:
    """LVM remembers which disks hold something, and does not see what another node has made on a shared one."""
    if not any(TYPES[storage.type].beforehand == "group" for storage in inactive):
        return ()
    why = "let LVM look at all disks of this node"
    return (Step(why, Run(("pvscan", "--cache"), timeout=120), id="lvm.scan", topic="storage"),)


def _wait_for_offer(storage: DesiredStorage) -> Step:
    server, export = shown(storage.options["server"]), shown(storage.options["export"])
    offered = Condition(command("pvesm", "scan", "nfs", server), (), "matches", rf"^{re.escape(export)}\s")
    return Step(
        f"wait until this node sees the export {export} of {server}",
        Wait((offered,), timeout=30, interval=2),
        id=f"export.wait:{server}:{export}",
        topic="storage",
        hint=f"`showmount -e {server}` must list {export}: does nfs-server run there, and can this node reach it?",
    )


def _wait_for_activity(storage: DesiredStorage) -> Step:
    row = rf"^{re.escape(storage.id)}\s+\S+\s+active\b"
    active = Condition(command("pvesm", "status", "--storage", storage.id), (), "matches", row)
    return Step(
        f"wait until the storage {storage.id} is active on this node",
        Wait((active,), timeout=60, interval=2),
        id=f"storage.wait:{storage.id}",
        topic="storage",
        hint=f"`pvesm status --storage {storage.id}` on the node and the journal of pvestatd say what is missing.",
    )
