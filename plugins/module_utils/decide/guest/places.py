# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which nodes have all that a guest needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model.guest.guest import Guest
from ...model.guest.mapping import ResourceMapping
from ...model.guest.replication import ReplicationJob
from ...model.storage.entry import StorageEntry

Storages = Mapping[str, StorageEntry]


def lacking(
    guest: Guest,
    node: str,
    storages: Storages,
    mappings: Iterable[ResourceMapping],
    jobs: Iterable[ReplicationJob],
) -> list[str]:
    """What the guest needs and the node does not have, in the words of a sentence."""
    mapped = {one.path for one in mappings if one.on(node)}
    missing = [one for one in guest.mapped if one not in mapped] + _missing_storages(guest, node, storages)
    copies = replicas(guest, jobs)
    if copies and guest.running and guest.kind == "qemu" and not copies.get(node):
        missing.append("a replica (needed while it runs)")
    return missing


def _missing_storages(guest: Guest, node: str, storages: Storages) -> list[str]:
    """Storages of the guest that are there, but not on this node."""
    named = {volume.storage for volume in guest.volumes if volume.storage in storages}
    return sorted(name for name in named if not storages[name].is_on(node))


def replicas(guest: Guest, jobs: Iterable[ReplicationJob]) -> dict[str, bool]:
    """Target of each replication job of the guest → whether it stays."""
    return {job.target: not job.removing for job in jobs if job.guest == guest.vmid}
