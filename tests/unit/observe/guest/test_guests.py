"""Which guests there are and what they need, from configurations as Proxmox VE writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import VMLIST, Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.guests import Place, on, places
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.text import parse_guest
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.volumes import volumes

from ....doubles.support import FakeNode

GUEST = """#a note: with a colon
boot: order=scsi0
hostpci0: 0000:01:00,pcie=1
hostpci1: mapping=gpu
ide2: local:iso/debian.iso,media=cdrom
lock: snapshot
name: db
scsi0: tank:vm-100-disk-0,size=32G
scsi1: share:100/vm-100-disk-1.raw
usb0: spice
unused0: local-lvm:vm-100-disk-2

[PENDING]
scsi1: share:100/vm-100-disk-3.raw

[special:cloudinit]
scsi7: local-lvm:vm-100-disk-7

[before]
lock: backup
virtio0: other:vm-100-disk-9
vmstate: share:100/vm-100-state-before.raw
"""
CONTAINER = """rootfs: tank:subvol-200-disk-0,size=8G
mp0: /srv/data,mp=/data
mp1: volume=/srv/all,mp=/all,shared=1
"""
SHARE = {"share": StorageEntry("nfs", {})}


def seen(text: str, **told: Any) -> Guest:
    node = FakeNode({"/etc/pve/nodes/pve3/qemu-server/100.conf": text})
    [found] = on(node, "pve3", {100: Place("pve3", "qemu"), 101: Place("pve1", "lxc")}, SHARE, [{"vmid": 100, **told}])
    return found


def test_where_the_guests_are() -> None:
    ids = {"101": {"node": "pve1", "type": "lxc"}, "100": {"node": "pve3", "type": "qemu"}}
    found = places(FakeNode({VMLIST: json.dumps({"version": 4, "ids": ids})}))
    assert list(found.items()) == [(100, Place("pve3", "qemu")), (101, Place("pve1", "lxc"))]
    assert places(FakeNode()) == {}, "without pmxcfs there is no list"


def test_whose_a_guest_is_stands_in_its_mark() -> None:
    mark = "#Kurs%3A OS\n#\n#baremetal.virt%3A vmid=100 name=db fleet=os owner=stu01@pve expires=2027-02-28\n"
    found = seen(f"{mark}name: db\ntags: fleet-os;Released\n\n[before]\n#baremetal.virt: vmid=100 name=db owner=x\n")
    assert found.said == {"fleet": "os", "owner": "stu01@pve", "expires": "2027-02-28"}
    assert "released" in found.tags
    assert seen(f"{mark}name: copy\n").said == {}, "a copy that somebody made by hand"
    assert seen("name: db\n").said == {}


def test_no_secret_of_a_guest_gets_into_what_is_reported_of_it() -> None:
    """Neither one that Proxmox VE hides itself, nor what people wrote into its notes."""
    keys = "cipassword: secret-1\nciuser: secret-2\nsshkeys: secret-3\nargs: -device secret-4\nhookscript: secret-5\n"
    mark = "#root password%3A secret-6\n#\n#baremetal.virt%3A vmid=100 name=db owner=stu01@pve\n"
    found = seen(f"{mark}name: db\n{keys}\n[before]\n#secret-7\n{keys}")
    assert "secret-" not in repr(found) and found.said == {"owner": "stu01@pve"}


def test_a_guest_is_read_without_its_snapshots() -> None:
    guest = seen(GUEST, status="running", maxmem=4 << 30)
    assert (guest.name, guest.lock, guest.running, guest.memory >> 30) == ("db", "snapshot", True, 4)
    assert guest.local == ("scsi0 tank:vm-100-disk-0", "unused0 local-lvm:vm-100-disk-2")
    assert (guest.devices, guest.mapped) == (("hostpci0",), ("pci/gpu",))
    assert parse_guest(GUEST)["scsi1"].startswith("share:100/vm-100-disk-1.raw")
    assert "virtio0" not in parse_guest(GUEST)


def test_every_volume_is_read_with_what_refers_to_it() -> None:
    assert [(str(one), one.cdrom, one.shared) for one in volumes(GUEST, SHARE)] == [
        ("ide2 local:iso/debian.iso", True, False),
        ("scsi0 tank:vm-100-disk-0", False, False),
        ("scsi1 share:100/vm-100-disk-1.raw", False, True),
        ("unused0 local-lvm:vm-100-disk-2", False, False),
        ("scsi1 share:100/vm-100-disk-3.raw", False, True),
        ("virtio0 other:vm-100-disk-9 (snapshot before)", False, False),
        ("vmstate share:100/vm-100-state-before.raw (snapshot before)", False, True),
    ]
    assert [(str(one), one.storage, one.shared) for one in volumes(CONTAINER, {})] == [
        ("mp0 /srv/data", "", False),
        ("mp1 /srv/all", "", True),
        ("rootfs tank:subvol-200-disk-0", "tank", False),
    ]
    assert list(volumes("ide2: none,media=cdrom\nide0: cdrom,media=cdrom\n", {}))[0].id == "cdrom"


@pytest.mark.parametrize(("status", "devices"), [("stopped", ("ivshmem",)), ("running", ("amd-sev", "ivshmem"))])
def test_what_binds_a_guest_to_its_node(status: str, devices: tuple[str, ...]) -> None:
    text = "ivshmem: size=32\namd-sev: type=snp\nvirtiofs0: share\nvirtiofs1: dirid=data,cache=auto\nserial0: socket\n"
    guest = seen(text, status=status)
    assert (guest.devices, guest.mapped) == (devices, ("dir/data", "dir/share"))
