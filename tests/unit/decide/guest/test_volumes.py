"""what Proxmox VE would refuse to move while the node is being emptied is refused before."""

from __future__ import annotations

import re
from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.volumes import refuse_volumes
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest, GuestKind
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import parse_storages
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.volumes import volumes

STORAGES = parse_storages(
    "nfs: share\n\tserver s\n\texport /srv\n\nlvmthin: thin\n\tvgname pve\n\tthinpool data\n\n"
    "zfspool: tank\n\tpool tank\n\tnodes pve2,pve3\n\n"
    "dir: old\n\tpath /old\n\tdisable\n\ndir: chain\n\tpath /c\n\tsnapshot-as-volume-chain 1\n\n"
    "rbd: vms\n\tpool vms\n\tnodes pve3\n\nkind: odd\n\tpath /o\n"
).entries
STOPPED, RUNNING = False, True


def guest(text: str, running: bool = STOPPED, kind: GuestKind = "qemu") -> Guest:
    return Guest(kind, 100, running=running, volumes=tuple(volumes(text, STORAGES)))


@pytest.mark.parametrize(
    ("text", "running", "refused"),
    [
        ("scsi0: share:100/vm-100-disk-0.qcow2\n", RUNNING, None),
        ("scsi0: thin:vm-100-disk-0\n", RUNNING, None),
        ("scsi0: local:100/vm-100-disk-0.raw\n", RUNNING, None),
        ("scsi0: odd:vm-100-disk-0\n", RUNNING, "scsi0 odd:vm-100-disk-0 is on a storage of the type kind"),
        ("scsi0: old:100/vm-100-disk-0.raw\n", STOPPED, "scsi0 old:.* is on a storage that is disabled"),
        ("scsi0: gone:vm-100-disk-0\n", STOPPED, "scsi0 gone:.* is on a storage that is not defined"),
        ("scsi0: /dev/disk/by-id/ata-1,size=1G\n", STOPPED, "scsi0 /dev/.* is a file or device of the node"),
        ("scsi0: /dev/disk/by-id/ata-1,shared=1\n", STOPPED, None),
        ("ide2: none,media=cdrom\n", RUNNING, None),
        ("ide2: cdrom,media=cdrom\n", STOPPED, "ide2 cdrom is the CD drive of the node"),
        ("ide2: share:iso/debian.iso,media=cdrom\n", RUNNING, None),
        (
            "ide2: local:iso/debian.iso,media=cdrom\n",
            STOPPED,
            "the image of a CD that only this node has.*100 --ide2 none",
        ),
        (
            "[s]\nide2: local:iso/debian.iso,media=cdrom\n",
            STOPPED,
            r"\(snapshot s\) is the image.*Delete the snapshot s",
        ),
        ("ide2: local:100/vm-100-cloudinit.qcow2,media=cdrom\n", RUNNING, None),
        ("scsi0: local:9/base-9-disk-0.raw/100/vm-100-disk-0.qcow2\n", STOPPED, "is a linked clone"),
        ("scsi0: tank:base-9-disk-0/vm-100-disk-0\n", STOPPED, "is a linked clone"),
        ("scsi0: local:100/base-100-disk-0.raw\n", STOPPED, None),
        ("[s]\nscsi0: thin:vm-100-disk-0\n", STOPPED, "is a volume with snapshots that cannot be copied.*snapshot s"),
        ("[s]\nscsi0: tank:vm-100-disk-0\n", STOPPED, None),
        ("[s]\nscsi0: tank:vm-100-disk-0\n", RUNNING, "is a volume with snapshots that cannot be copied"),
        ("[s]\nscsi0: local:100/vm-100-disk-0.qcow2\n", STOPPED, None),
        ("[s]\nscsi0: chain:100/vm-100-disk-0.qcow2\n", STOPPED, "is a volume with snapshots that cannot be copied"),
        ("[s]\nvmstate: thin:vm-100-state-s\n", STOPPED, None),
        ("[s]\nscsi0: share:100/vm-100-disk-0.qcow2\n", RUNNING, None),
    ],
)
def test_what_no_node_could_take(text: str, running: bool, refused: Optional[str]) -> None:
    found = [f"{refusal.reason} {refusal.hint}" for refusal in refuse_volumes(guest(text, running), "pve3", STORAGES)]
    assert len(found) == (refused is not None)
    if refused is not None:
        assert re.search(refused, found[0])


def test_a_replica_has_the_snapshots_too() -> None:
    one = guest("[s]\nscsi0: tank:vm-100-disk-0\n", RUNNING)
    assert list(refuse_volumes(one, "pve3", STORAGES, replicated=True)) == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("rootfs: tank:subvol-100-disk-0\n[s]\nrootfs: tank:subvol-100-disk-0\n", 0),
        ("rootfs: local:100/vm-100-disk-0.raw\n[s]\nrootfs: local:100/vm-100-disk-0.raw\n", 1),
        ("mp0: /srv/data,mp=/data\n", 1),
        ("mp0: /srv/data,mp=/data,shared=1\n", 0),
    ],
)
def test_containers_are_stopped_for_it(text: str, refused: int) -> None:
    assert len(list(refuse_volumes(guest(text, RUNNING, "lxc"), "pve3", STORAGES))) == refused


def test_a_volume_is_named_once() -> None:
    text = "ide2: local:iso/a.iso,media=cdrom\n[one]\nide2: local:iso/a.iso,media=cdrom\n"
    [refusal] = refuse_volumes(guest(text), "pve3", STORAGES)
    assert "snapshot" not in refusal.reason
