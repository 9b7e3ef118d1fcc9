"""What a node lacks of that which a guest needs there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.places import lacking
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.mapping import ResourceMapping
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.replication import ReplicationJob
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.volumes import volumes

STORAGES = {
    "share": StorageEntry("nfs", {}),
    "tank": StorageEntry("zfspool", {"nodes": frozenset(("pve2", "pve3"))}),
    "vms": StorageEntry("rbd", {"nodes": frozenset(("pve3",))}),
    "local": StorageEntry("dir", {}),
}
TEXT = "scsi0: tank:a\nscsi1: vms:b\nscsi2: share:c\nscsi3: local:d\nscsi4: gone:e\nscsi5: /dev/sda\n"
GPU = ResourceMapping("pci", "gpu", ("node=pve1,path=a", "node=pve3,path=b"))


def test_storages_that_a_node_does_not_have() -> None:
    """Those that nobody has are told of elsewhere: no node lacks them more than another."""
    guest = Guest("qemu", 100, volumes=tuple(volumes(TEXT, STORAGES)))
    found = {node: lacking(guest, node, STORAGES, (), ()) for node in ("pve1", "pve2", "pve3")}
    assert found == {"pve1": ["tank", "vms"], "pve2": ["vms"], "pve3": []}


def test_mapped_devices() -> None:
    guest = Guest("qemu", 100, mapped=("pci/gpu", "usb/key"))
    assert lacking(guest, "pve1", {}, (GPU,), ()) == ["usb/key"]
    assert lacking(guest, "pve2", {}, (GPU,), ()) == ["pci/gpu", "usb/key"]


@pytest.mark.parametrize(
    ("guest", "target", "words"),
    [
        (Guest("qemu", 100, running=True), "pve1", []),
        (Guest("qemu", 100, running=True), "pve2", ["a replica (needed while it runs)"]),
        (Guest("qemu", 100), "pve2", []),
        (Guest("lxc", 100, running=True), "pve2", []),
        (Guest("qemu", 101, running=True), "pve2", []),
    ],
)
def test_a_machine_that_runs_goes_to_its_replica_only(guest: Guest, target: str, words: list[str]) -> None:
    job = ReplicationJob("100-0", 100, "pve1")
    assert lacking(guest, target, {}, (), (job,)) == words


def test_a_replica_that_is_being_removed_is_none() -> None:
    job = replace(ReplicationJob("100-0", 100, "pve1"), removing=True)
    assert lacking(Guest("qemu", 100, running=True), "pve1", {}, (), (job,)) == ["a replica (needed while it runs)"]
