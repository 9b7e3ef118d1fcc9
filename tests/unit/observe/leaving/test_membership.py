"""What is read about a node that is to leave: files as Proxmox VE writes them, answers as Ceph prints them."""

from __future__ import annotations

import json

from ansible_collections.baremetal.virt.plugins.module_utils.decide.leaving.report import report
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.volumes import parse_guest, volumes
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.ceph import parse
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.membership import observe
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.references import (
    parse_mapping,
    parse_nodes,
)
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.leaving_node import Leaving, params
from ....doubles.support import transcript

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


def test_a_guest_is_read_without_its_snapshots() -> None:
    node = Leaving().guest(100, GUEST, running=True)
    [guest] = observe(node, SUBJECT.desired(params())).guests
    assert (guest.name, guest.lock, guest.running, guest.memory >> 30) == ("db", "snapshot", True, 4)
    assert guest.local == ("scsi0 tank:vm-100-disk-0", "unused0 local-lvm:vm-100-disk-2")
    assert (guest.devices, guest.mapped) == (("hostpci0",), ("pci/gpu",))
    assert parse_guest(GUEST)["scsi1"].startswith("share:100/vm-100-disk-1.raw")
    assert "virtio0" not in parse_guest(GUEST)


def test_every_volume_is_read_with_what_refers_to_it() -> None:
    share = {"share": {"type": "nfs"}}
    assert [(str(one), one.cdrom, one.shared) for one in volumes(GUEST, share)] == [
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


def test_the_free_memory_is_that_of_the_node_as_recorded() -> None:
    node = Leaving().guest(100)
    node.commands["pvesh", "get", "/nodes/pve2/status", "--output-format", "json"] = transcript(
        "094-1down-pvesh-remote-status"
    )
    found = observe(node, SUBJECT.desired(params())).free_memory
    assert found == {"pve1": 44 << 30, "pve2": 25276514304 - 4365471744}
    assert observe(Leaving(), SUBJECT.desired(params())).free_memory == {}


def test_what_binds_a_guest_to_its_node() -> None:
    text = "ivshmem: size=32\namd-sev: type=snp\nvirtiofs0: share\nvirtiofs1: dirid=data,cache=auto\nserial0: socket\n"
    for running, devices in ((False, ("ivshmem",)), (True, ("amd-sev", "ivshmem"))):
        [guest] = observe(Leaving().guest(100, text, running=running), SUBJECT.desired(params())).guests
        assert (guest.devices, guest.mapped) == (devices, ("dir/data", "dir/share"))


def test_mappings_and_node_lists() -> None:
    text = (
        "gpu\n\tdescription two\n\tmap id=1:2,node=pve1,path=a\n\tmap id=1:2,node=pve3,path=b\n"
        "\tlive-migration-capable 1\n\nnic\n\tmap node=pve3\n"
    )
    gpu, nic = parse_mapping("pci", text)
    assert (gpu.name, gpu.without("pve3")) == ("gpu", ("id=1:2,node=pve1,path=a",))
    assert (nic.name, nic.without("pve3")) == ("nic", ())
    assert (gpu.on("pve1"), gpu.on("pve2"), gpu.live, nic.live) == (True, False, True, False)
    assert parse_nodes("pve1:2,pve3") == {"pve1": "2", "pve3": ""}


def test_the_monitors_answers_as_recorded() -> None:
    """``status`` and ``osd tree`` of a real cluster; the other questions were not recorded."""
    answers = {
        "status": json.loads(transcript("154-ceph-s-json").stdout),
        "osd tree": json.loads(transcript("155-ceph-osd-tree-json").stdout),
        "mon dump": {"mons": [{"name": "pve1", "public_addrs": {"addrvec": [{"addr": "10.10.2.11:3300"}]}}]},
        "osd dump": {"flags": "noout,sortbitwise"},
        "entities": ["mgr.pve1"],
    }
    found = parse(answers)
    assert found.hosts == ("pve1", "pve2", "pve3")
    assert found.mon_addresses == {"pve1": ("10.10.2.11",)}
    assert (found.misplaced, found.flags) == (0, {"noout", "sortbitwise"})


def test_the_report_names_everything() -> None:
    node = Leaving().guest(100, GUEST)
    node.write("/etc/pve/jobs.cfg", "vzdump: nightly\n\tnode pve3\n")
    node.write("/etc/pve/replication.cfg", "local: 100-0\n\ttarget pve2\n")
    node.write("/etc/pve/mapping/usb.cfg", "key\n\tmap node=pve3\n")
    told = report("pve3", observe(node, SUBJECT.desired(params())))
    assert (told["member"], told["online"], told["drained"], told["cluster"]) == (True, True, False, "lab")
    assert [guest["vmid"] for guest in told["guests"]] == [100]
    assert (told["backup_jobs"], told["replication"], told["mappings"]) == (["nightly"], ["100-0"], ["usb/key"])
    assert told["others"] == ["pve1", "pve2"]
