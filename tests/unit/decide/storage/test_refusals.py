"""storage: what is invalid, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.storage.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid

from ....doubles.support import transcript
from .storage_support import (
    BACKUP,
    DIRECTORY,
    MEMBERS,
    SHARE,
    Cluster,
    commands,
    converged,
    on_real_node,
    params,
    plan_of,
)

#: (before, now, words of the refusal)
FIXED = [
    (SHARE, {**SHARE, "server": "10.10.2.12"}, "server is 10.10.2.11, not 10.10.2.12"),
    (SHARE, {**SHARE, "export": "/srv/x"}, "export is /srv/share, not /srv/x"),
    (SHARE, {**SHARE, "path": "/mnt/x"}, "path is /mnt/pve/share, not /mnt/x"),
    (SHARE, {**SHARE, "server": "a", "export": "/b"}, "export is /srv/share, not /b; server is 10.10.2.11, not a"),
    (DIRECTORY, {**DIRECTORY, "path": "/srv/d2"}, "path is /srv/d1, not /srv/d2"),
    (DIRECTORY, {**DIRECTORY, "snapshot_as_volume_chain": True}, "snapshot-as-volume-chain is not set, not 1"),
    (DIRECTORY, {**SHARE, "id": "d1"}, "its type is dir, not nfs"),
    (BACKUP, {**BACKUP, "datastore": "other"}, "datastore is main, not other"),
    *(
        ({"id": "x1", **options}, {"id": "x1", **options, key: "other"}, f"{key} is ")
        for options, key in (
            ({"type": "lvm", "vgname": "vg0"}, "vgname"),
            ({"type": "lvmthin", "vgname": "vg0", "thinpool": "tp"}, "thinpool"),
            ({"type": "zfspool", "pool": "rpool"}, "pool"),
            ({"type": "iscsi", "portal": "p", "target": "t"}, "target"),
            ({"type": "cifs", "server": "s", "share": "s"}, "share"),
        )
    ),
]


@pytest.mark.parametrize(("before", "now", "words"), FIXED)
def test_a_fixed_option_that_differs_is_refused_and_recreation_offered(
    before: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    (refusal,) = plan_of(converged(before), now).refusals
    assert words in refusal.reason and "does not change that in place" in refusal.reason
    assert f"recreate: true for {now['id']}" in refusal.hint


@pytest.mark.parametrize(("before", "now", "words"), FIXED)
def test_recreation_removes_and_adds_the_entry(before: dict[str, Any], now: dict[str, Any], words: str) -> None:
    node = converged(before)
    plan = plan_of(node, {**now, "recreate": True})
    assert [command.split()[0] for command in commands(plan)] == ["remove", "add"]
    assert [step.destructive for step in plan.steps] == [True, False]
    node.act(plan.steps[0])  # killed here, the next run adds
    for step in plan_of(node, {**now, "recreate": True}).steps:
        node.act(step)
    assert not plan_of(node, now).steps


def test_what_stays_mounted_after_a_recreation_is_said() -> None:
    warnings = plan_of(converged(SHARE), {**SHARE, "server": "10.10.2.12", "recreate": True}).warnings
    assert "stays mounted" in warnings[0]


LUN = {"id": "lun", "type": "iscsi", "portal": "192.0.2.6", "target": "iqn.x", "content": ["none"]}


def test_the_base_of_another_storage_is_not_removed_alone() -> None:
    node = converged(LUN, {"id": "lv", "type": "lvm", "vgname": "vg0", "base": "lun:0.0.0.scsi-1"})
    gone = {"id": "lun", "type": "iscsi", "state": "absent"}
    (refusal,) = plan_of(node, gone).refusals
    assert refusal.reason == "The storage lun is the base of lv."
    assert plan_of(node, {**LUN, "target": "iqn.y", "recreate": True}).refusals == (refusal,)
    assert not plan_of(node, gone, {"id": "lv", "type": "lvm", "state": "absent"}).refusals


def test_sessions_that_stay_are_said() -> None:
    (warning,) = plan_of(converged(LUN), {"id": "lun", "type": "iscsi", "state": "absent"}).warnings
    assert "keep their sessions with iqn.x" in warning and "--targetname iqn.x --logout" in warning


def test_a_node_that_is_no_member_is_refused() -> None:
    (refusal,) = plan_of(Cluster(), {**SHARE, "nodes": ["pve1", "pve9"]}).refusals
    assert "names nodes that are not in this cluster: pve9" in refusal.reason and "pve1, pve2, pve3" in refusal.hint


def test_a_node_that_joins_in_this_run_is_not_refused() -> None:
    assert not plan_of(Cluster(), {**SHARE, "nodes": ["pve1", "pve9"]}, nodes=("pve9",)).refusals


def test_before_there_is_a_cluster_nodes_are_not_judged() -> None:
    standalone = Cluster(members=transcript("029-nocluster-etc-pve-members").stdout)
    bare = Cluster()
    del bare.files[MEMBERS]
    for node in (standalone, bare):
        assert commands(plan_of(node, {**SHARE, "nodes": ["pve2"]}))


def test_without_quorum_changes_are_refused_and_nothing_else() -> None:
    members = transcript("063-3node-members").stdout.replace('"quorate": 1', '"quorate": 0')
    assert "no quorum" in plan_of(Cluster(members=members), SHARE).refusals[0].reason
    assert not plan_of(Cluster(members=members)).refusals


def test_a_section_that_is_no_storage_is_in_the_way_of_every_change() -> None:
    """Proxmox VE writes the whole file, and not while it has read a section in vain."""
    node = Cluster("dir: odd\n\tcontent iso\n\ndir: d1\n\tpath /srv/d1\n\tcontent iso,backup\n")
    assert commands(plan_of(node, DIRECTORY)) == [], "there is nothing to change"
    (refusal,) = plan_of(node, SHARE).refusals
    assert "the section odd of /etc/pve/storage.cfg for no storage (there is no path that it accepts)" in refusal.reason


@pytest.mark.parametrize("where", ["qemu-server/100.conf", "lxc/101.conf"])
def test_a_storage_that_guests_use_is_not_removed(where: str) -> None:
    node = on_real_node()
    node.files[f"/etc/pve/nodes/pve2/{where}"] = "name: web\nscsi0: d1:vm-100-disk-0,size=8G\n"
    (refusal,) = plan_of(node, {"id": "d1", "type": "dir", "state": "absent"}).refusals
    assert f"used by guest {where[-8:-5]} on pve2" in refusal.reason


def test_a_storage_that_is_only_mentioned_is_not_in_use() -> None:
    node = on_real_node()
    node.files["/etc/pve/nodes/pve2/qemu-server/100.conf"] = "description: d1:x\nname: d1\nscsi0: d1x:disk\n#d1:x\n"
    node.files["/etc/pve/nodes/pve2/qemu-server/100.conf"] = "name: d1\nscsi0: d1x:vm-100-disk-0\n#d1: x\n"
    assert commands(plan_of(node, {"id": "d1", "type": "dir", "state": "absent"})) == ["remove d1"]


def test_local_cannot_be_removed() -> None:
    assert (
        "adds it again" in plan_of(on_real_node(), {"id": "local", "type": "dir", "state": "absent"}).refusals[0].reason
    )


@pytest.mark.parametrize(
    "now", [{"id": "pbs1", "type": "pbs", "state": "absent"}, {**BACKUP, "datastore": "other", "recreate": True}]
)
def test_an_encryption_key_is_not_removed_with_its_storage(now: dict[str, Any]) -> None:
    node = converged({**BACKUP, "encryption_key": "autogen"})
    (refusal,) = plan_of(node, now).refusals
    assert "cannot be read" in refusal.reason
    assert not plan_of(node, {**now, "discard_encryption_key": True}).refusals
    assert not plan_of(converged(BACKUP), now).refusals


VCENTER: dict[str, Any] = {"id": "old", "type": "esxi", "server": "192.0.2.9", "username": "root"}
WINDOWS: dict[str, Any] = {"id": "win", "type": "cifs", "server": "192.0.2.7", "share": "s", "password": "s3cret"}
CEPH: dict[str, Any] = {"id": "vms", "type": "rbd", "pool": "vms"}


def test_an_esxi_host_is_not_added_without_the_password_that_proxmox_ve_asks_for() -> None:
    (refusal,) = plan_of(Cluster(), VCENTER).refusals
    assert "adds no storage of the type esxi without its password" in refusal.reason
    assert not plan_of(Cluster(), {**VCENTER, "password": "s3cret"}).refusals
    assert not plan_of(converged({**VCENTER, "password": "s3cret"}), VCENTER).refusals
    assert not plan_of(Cluster(), {"id": "old", "type": "esxi", "state": "absent"}).refusals


def test_a_stored_secret_is_not_lost_when_the_entry_is_recreated() -> None:
    now = {**{key: value for key, value in WINDOWS.items() if key != "password"}, "share": "t", "recreate": True}
    (refusal,) = plan_of(converged(WINDOWS), now).refusals
    assert "removes its stored password" in refusal.reason
    assert not plan_of(converged(WINDOWS), {**now, "password": "s3cret"}).refusals
    external = {**CEPH, "monhost": ["10.0.0.1"], "keyring": "[client.x]\nkey = y=="}
    other = {"id": "vms", "type": "dir", "path": "/srv/vms", "recreate": True}
    (refusal,) = plan_of(converged(external), other).refusals
    assert "removes its stored keyring" in refusal.reason
    own = converged(CEPH)
    own.files["/etc/pve/priv/ceph/vms.keyring"] = "[client.admin]\n"
    assert not plan_of(own, other).refusals


INVALID = [
    ({**DIRECTORY, "id": "d"}, "is not a name for a storage"),
    ({**DIRECTORY, "id": "1d"}, "is not a name for a storage"),
    ({**DIRECTORY, "id": "d 1"}, "is not a name for a storage"),
    ({**DIRECTORY, "id": "d-"}, "is not a name for a storage"),
    ({**DIRECTORY, "server": "x"}, "the type dir has no option server"),
    ({**SHARE, "pool": "x", "krbd": True}, "the type nfs has no option krbd, pool"),
    ({"id": "rb", "type": "rbd", "path": "/x"}, "the type rbd has no option path"),
    ({"id": "nf", "type": "nfs", "server": "x"}, "needs export"),
    ({"id": "pb", "type": "pbs"}, "needs datastore, server"),
    ({"id": "lt", "type": "lvmthin", "vgname": "x"}, "needs thinpool"),
    ({"id": "is", "type": "iscsi", "portal": "x"}, "needs target"),
    ({"id": "ci", "type": "cifs", "server": "x"}, "needs share"),
    ({"id": "zf", "type": "zfspool"}, "needs pool"),
    ({"id": "cf", "type": "cephfs", "content": ["images"]}, "cannot hold images"),
    ({"id": "rb", "type": "rbd", "content": ["iso"]}, "cannot hold iso"),
    ({**BACKUP, "content": ["iso"]}, "cannot hold iso"),
    ({**SHARE, "content": ["none"]}, "cannot hold none"),
    ({**DIRECTORY, "content": []}, "empty or contradicts"),
    ({**DIRECTORY, "content": ["none", "iso"]}, "empty or contradicts"),
    ({**DIRECTORY, "path": "srv/d1"}, "absolute path"),
    ({**SHARE, "export": "srv"}, "absolute path"),
    ({**DIRECTORY, "path": "/srv\nnfs: evil"}, "control character"),
    ({**BACKUP, "password": ""}, "password is empty"),
    ({**BACKUP, "password": "a\nb"}, "more than one line"),
    ({**BACKUP, "encryption_key": "secret"}, "neither 'autogen' nor a key file"),
    ({"id": "ext", "type": "rbd", "keyring": " \n"}, "keyring is empty"),
    ({**DIRECTORY, "path": "/srv/with space"}, "not a path for the type dir"),
    ({"id": "tree", "type": "btrfs", "path": "/srv/a,b"}, "not a path for the type btrfs"),
    ({"id": "tree", "type": "btrfs", "path": "/srv/a", "format": "qcow2"}, "no images of the format qcow2"),
    ({"id": "cf", "type": "cephfs", "format": "raw"}, "no images of the format raw"),
    ({**SHARE, "server": "not a name"}, "does not take 'not a name' for server"),
    ({**SHARE, "options": "vers=4.2, soft"}, "for options"),
    ({**SHARE, "export": "/(a)"}, "for export"),
    ({"id": "local", "type": "dir", "path": "/srv/vz"}, "is the directory /var/lib/vz of every node"),
    ({"id": "local", "type": "dir", "path": "/var/lib/vz", "nodes": ["pve1"]}, "is the directory /var/lib/vz"),
    ({"id": "local", "type": "nfs", "server": "s", "export": "/srv"}, "is the directory /var/lib/vz"),
    ({**BACKUP, "port": 65536}, "does not take '65536' for port"),
    ({**BACKUP, "max_protected_backups": -2}, "for max-protected-backups"),
    ({**SHARE, "nodes": ["pve1.example.org"]}, "for nodes"),
    ({**SHARE, "content_dirs": {"iso": "a/.."}}, "for content-dirs"),
    ({**SHARE, "prune_backups": {"keep_all": True, "keep_last": 1}}, "for prune-backups"),
    ({"id": "zp", "type": "zfspool", "pool": "tank", "blocksize": "3k"}, "for blocksize"),
    ({"id": "sn", "type": "iscsi", "portal": "a_b", "target": "iqn.x"}, "for portal"),
    ({"id": "lv", "type": "lvm", "vgname": "a/b"}, "for vgname"),
    ({**BACKUP, "fingerprint": "ab:cd"}, "for fingerprint"),
    ({"id": "es", "type": "esxi", "server": "x"}, "needs username"),
]


@pytest.mark.parametrize(("storage", "words"), INVALID)
def test_what_proxmox_ve_would_not_accept_is_invalid(storage: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        desired_from(params(storage))


def test_one_id_is_listed_once() -> None:
    with pytest.raises(Invalid, match="listed twice"):
        desired_from(params(SHARE, DIRECTORY, {**SHARE, "server": "other"}))


def test_a_password_is_not_repeated_in_an_error() -> None:
    with pytest.raises(Invalid) as caught:
        desired_from(params({**BACKUP, "password": "s3cret\nx"}))
    assert "s3cret" not in str(caught.value.as_result())
