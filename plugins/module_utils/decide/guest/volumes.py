# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which volumes of a guest no other node can take.

Upstream finds that out guest by guest, while the node is being emptied (qemu-server ``QemuMigrate.pm``,
``scan_local_volumes``; pve-container ``LXC/Migrate.pm``, ``prepare`` and ``phase1``). Here it is said beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Optional

from ...engine.plan import Refusal
from ...model.guest.guest import Guest
from ...model.guest.volumes import Volume
from ...model.storage.entry import StorageEntry

Storages = Mapping[str, StorageEntry]
#: Of these types Proxmox VE copies volumes to another node, and of the second ones with their snapshots.
_COPIED = ("dir", "btrfs", "zfspool", "lvmthin", "lvm")
_WITH_SNAPSHOTS = ("zfspool", "btrfs")


def refuse_volumes(guest: Guest, node: str, storages: Storages, replicated: bool = False) -> Iterator[Refusal]:
    """What no other node could take, whichever it is; each volume once, and the guest before its snapshots."""
    told: set[str] = set()
    for volume in sorted(guest.volumes, key=lambda one: one.snapshot):
        reason, hint = _reason(volume, guest, storages, replicated) or ("", "")
        if reason and volume.id not in told:
            told.add(volume.id)
            if volume.snapshot:
                hint = f"Delete the snapshot {volume.snapshot}, which refers to it."
            yield Refusal(f"{guest} cannot leave {node}: {volume} is {reason}.", hint)


def _reason(volume: Volume, guest: Guest, storages: Storages, replicated: bool) -> Optional[tuple[str, str]]:
    empty = f"Empty the drive: qm set {guest.vmid} --{volume.key} none,media=cdrom."
    away = "Move its data to a storage that Proxmox VE can copy or that all nodes see, or take it away."
    entry = storages.get(volume.storage)
    if volume.id == "cdrom":
        return "the CD drive of the node", empty
    if not volume.storage:
        return None if volume.shared else ("a file or device of the node", away)
    if entry is None or entry.disabled:
        state = "not defined" if entry is None else "disabled"
        return f"on a storage that is {state}", "Enable or define it, or take the volume away."
    if volume.shared:
        return None
    if volume.cdrom and not volume.cloud_init:
        return "the image of a CD that only this node has", empty
    if entry.type not in _COPIED:
        return f"on a storage of the type {entry.type}, of which Proxmox VE copies nothing", away
    if volume.linked_clone:
        return (
            "a linked clone",
            "Make a full clone of it and remove it, or move its disk to a storage that all nodes see.",
        )
    if volume.snapshot and volume.key != "vmstate" and not _copied_with_snapshots(volume, guest, entry, replicated):
        return "a volume with snapshots that cannot be copied", ""
    return None


def _copied_with_snapshots(volume: Volume, guest: Guest, entry: StorageEntry, replicated: bool) -> bool:
    if guest.kind == "lxc":
        return entry.type in _WITH_SNAPSHOTS
    inside = volume.id.endswith(".qcow2") and "snapshot-as-volume-chain" not in entry.options
    return (replicated or not guest.running) and (entry.type in _WITH_SNAPSHOTS or inside)
