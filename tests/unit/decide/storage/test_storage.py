"""storage: tables of (desired, storage.cfg) → pvesm commands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import PATH
from ansible_collections.baremetal.virt.plugins.modules.storage import SUBJECT

from ....doubles.support import assert_converges_from_every_kill
from .storage_support import BACKUP, DIRECTORY, SHARE, Cluster, commands, converged, on_real_node, params, plan_of

KEY = '{"kdf": null, "data": "c2VjcmV0"}'
CREDENTIALS = {"username": "u", "password": "s3cret"}
CIFS = {"id": "win", "type": "cifs", "server": "192.0.2.7", "share": "s", **CREDENTIALS}

#: (storage, what pvesm is told)
ADDED: list[tuple[dict[str, Any], list[str]]] = [
    (DIRECTORY, ["add dir d1 --content backup,iso --path /srv/d1"]),
    (
        {**DIRECTORY, "shared": True, "is_mountpoint": "yes"},
        ["add dir d1 --content backup,iso --is_mountpoint yes --path /srv/d1 --shared 1"],
    ),
    (SHARE, ["add nfs share --content iso --export /srv/share --server 10.10.2.11"]),
    (
        {**SHARE, "options": "vers=4.2,soft"},
        ["add nfs share --content iso --export /srv/share --options soft,vers=4.2 --server 10.10.2.11"],
    ),
    (
        {**SHARE, "nodes": ["pve3", "pve1"], "disable": True},
        ["add nfs share --content iso --disable 1 --export /srv/share --nodes pve1,pve3 --server 10.10.2.11"],
    ),
    (
        {"id": "cephfs", "type": "cephfs", "fuse": True, "content": ["iso"]},
        ["add cephfs cephfs --content iso --fuse 1"],
    ),
    ({"id": "vms", "type": "rbd", "pool": "vms", "krbd": False}, ["add rbd vms --pool vms"]),
    (
        {
            "id": "ext",
            "type": "rbd",
            "pool": "p",
            "monhost": ["10.0.0.2", "10.0.0.1"],
            "keyring": "[client.x]\nkey = y==",
        },
        ["add rbd ext --monhost 10.0.0.1,10.0.0.2 --pool p --keyring /dev/stdin"],
    ),
    (
        {"id": "lv", "type": "lvm", "vgname": "vg0", "saferemove": True, "tagged_only": True},
        ["add lvm lv --saferemove 1 --tagged_only 1 --vgname vg0"],
    ),
    (
        {"id": "thin", "type": "lvmthin", "vgname": "pve", "thinpool": "data"},
        ["add lvmthin thin --thinpool data --vgname pve"],
    ),
    (
        {"id": "zfs", "type": "zfspool", "pool": "rpool/data", "sparse": True},
        ["add zfspool zfs --pool rpool/data --sparse 1"],
    ),
    (
        {"id": "lun", "type": "iscsi", "portal": "192.0.2.6", "target": "iqn.x", "content": ["none"]},
        ["add iscsi lun --content none --portal 192.0.2.6 --target iqn.x"],
    ),
    (CIFS, ["add cifs win --server 192.0.2.7 --share s --username u --password"]),
    (
        {**BACKUP, "password": "s3cret", "prune_backups": {"keep_daily": 7, "keep_last": 3}},
        [
            "add pbs pbs1 --datastore main --prune-backups keep-daily=7,keep-last=3 --server 192.0.2.5"
            " --username root@pam --password"
        ],
    ),
    (
        {**BACKUP, "password": "s3cret", "encryption_key": KEY, "master_pubkey": "PEM"},
        [
            "add pbs pbs1 --datastore main --server 192.0.2.5 --username root@pam --password",
            "set pbs1 --encryption-key /dev/stdin",
            "set pbs1 --master-pubkey /dev/stdin",
        ],
    ),
    (
        {**BACKUP, "encryption_key": "autogen"},
        ["add pbs pbs1 --datastore main --server 192.0.2.5 --username root@pam", "set pbs1 --encryption-key autogen"],
    ),
    (
        {**DIRECTORY, "bwlimit": {"migration": 1000, "default": 500}, "content_dirs": {"iso": "/images"}},
        [
            "add dir d1 --bwlimit default=500,migration=1000 --content backup,iso --content-dirs"
            " iso=/images --path /srv/d1"
        ],
    ),
    (
        {**DIRECTORY, "create_base_path": False, "preallocation": "off", "max_protected_backups": -1},
        [
            "add dir d1 --content backup,iso --create-base-path 0 --max-protected-backups -1 --path"
            " /srv/d1 --preallocation off"
        ],
    ),
]


@pytest.mark.parametrize(("storage", "expected"), ADDED, ids=[f"{row[0]['type']} {n}" for n, row in enumerate(ADDED)])
def test_a_new_storage_is_added_once_and_then_left_alone(storage: dict[str, Any], expected: list[str]) -> None:
    assert commands(plan_of(Cluster(), storage)) == expected
    assert commands(plan_of(converged(storage), storage)) == []


@pytest.mark.parametrize("number", range(len(ADDED)))
def test_a_run_killed_after_any_step_is_finished_by_the_next(number: int) -> None:
    assert_converges_from_every_kill(SUBJECT, params(ADDED[number][0], SHARE | {"id": "other"}), Cluster)


#: (before, now, what pvesm is told)
CHANGED = [
    (SHARE, {**SHARE, "content": ["vztmpl", "iso"]}, ["set share --content iso,vztmpl"]),
    (SHARE, {**SHARE, "nodes": ["pve2"]}, ["set share --nodes pve2"]),
    ({**SHARE, "nodes": ["pve2"]}, {**SHARE, "nodes": ["pve2", "pve1"]}, ["set share --nodes pve1,pve2"]),
    ({**SHARE, "nodes": ["pve2"]}, {**SHARE, "nodes": []}, ["set share --delete nodes"]),
    ({**SHARE, "nodes": ["pve2"]}, SHARE, []),
    ({**SHARE, "disable": True}, SHARE, ["set share --delete disable"]),
    (SHARE, {**SHARE, "disable": True}, ["set share --disable 1"]),
    ({**SHARE, "options": "vers=3"}, {**SHARE, "options": "vers=4.2"}, ["set share --options vers=4.2"]),
    ({**SHARE, "options": "vers=4.2,soft"}, {**SHARE, "options": "soft,vers=4.2"}, []),
    ({**SHARE, "options": "vers=3"}, SHARE, ["set share --delete options"]),
    (
        {**SHARE, "options": "soft", "format": "qcow2"},
        {**SHARE, "preallocation": "off"},
        ["set share --preallocation off --delete format,options"],
    ),
    ({**DIRECTORY, "shared": True}, {**DIRECTORY, "shared": False}, ["set d1 --delete shared"]),
    (DIRECTORY, {**DIRECTORY, "shared": False}, []),
    (DIRECTORY, {key: DIRECTORY[key] for key in ("id", "type", "path")}, []),
    (DIRECTORY, {**DIRECTORY, "prune_backups": {"keep_all": True}}, []),
    (
        {**DIRECTORY, "prune_backups": {"keep_last": 3, "keep_daily": 7}},
        {**DIRECTORY, "prune_backups": {"keep_daily": 7, "keep_last": 3}},
        [],
    ),
    (
        {**DIRECTORY, "prune_backups": {"keep_last": 3}},
        {**DIRECTORY, "prune_backups": {"keep_last": 4}},
        ["set d1 --prune-backups keep-last=4"],
    ),
    (DIRECTORY, {**DIRECTORY, "preallocation": "metadata"}, []),
    ({**BACKUP, "fingerprint": ":".join(["ab"] * 32)}, {**BACKUP, "fingerprint": ":".join(["AB"] * 32)}, []),
    (CIFS, {**CIFS, "password": "other"}, ["set win --password"]),
    (CIFS, {key: value for key, value in CIFS.items() if key != "password"}, []),
    (
        {**BACKUP, "encryption_key": "autogen"},
        {**BACKUP, "encryption_key": KEY},
        ["set pbs1 --encryption-key /dev/stdin"],
    ),
    ({**BACKUP, "encryption_key": KEY}, {**BACKUP, "encryption_key": "autogen"}, []),
    (BACKUP, {**BACKUP, "password": "new", "port": 8008}, ["set pbs1 --port 8008", "set pbs1 --password"]),
]


@pytest.mark.parametrize(("before", "now", "expected"), CHANGED)
def test_only_the_difference_is_changed(before: dict[str, Any], now: dict[str, Any], expected: list[str]) -> None:
    node = converged(before)
    plan = plan_of(node, now)
    assert commands(plan) == expected
    for step in plan.steps:
        node.act(step)
    assert commands(plan_of(node, now)) == []


REAL = [
    {"id": "d1", "type": "dir", "path": "/srv/d1", "content": ["backup", "iso"]},
    {"id": "vmpool", "type": "rbd", "pool": "vmpool", "content": ["images"]},
    {"id": "cephfs", "type": "cephfs", "content": ["iso", "backup"], "fuse": True},
    {"id": "n2", "type": "nfs", "server": "10.10.1.1", "export": "/export", "disable": True},
    {"id": "n2", "type": "nfs", "server": "10.10.1.1", "export": "/export", "path": "/mnt/pve/n2", "disable": True},
    {"id": "local", "type": "dir", "path": "/var/lib/vz"},
    {
        "id": "local",
        "type": "dir",
        "path": "/var/lib/vz",
        "content": "images rootdir snippets iso vztmpl backup".split(),
    },
]


@pytest.mark.parametrize("storage", REAL)
def test_what_a_real_cluster_wrote_is_recognised(storage: dict[str, Any]) -> None:
    assert commands(plan_of(on_real_node(), storage)) == []


def test_local_is_there_before_any_file_is() -> None:
    local = {"id": "local", "type": "dir", "path": "/var/lib/vz", "content": ["iso"]}
    assert commands(plan_of(Cluster(), local)) == ["set local --content iso"]


def test_storages_that_are_not_listed_are_never_touched() -> None:
    assert commands(plan_of(on_real_node())) == []
    node = on_real_node()
    before = node.files[PATH]
    for step in plan_of(node, SHARE).steps:
        node.act(step)
    assert node.files[PATH].startswith(before.rstrip("\n"))


def test_an_absent_storage_is_removed_and_only_then() -> None:
    assert commands(plan_of(on_real_node(), {"id": "n2", "type": "nfs", "state": "absent"})) == ["remove n2"]
    assert commands(plan_of(on_real_node(), {"id": "nosuch", "type": "nfs", "state": "absent"})) == []


@pytest.mark.parametrize("order", [1, -1])
def test_storages_built_on_others_are_made_last_and_removed_first(order: int) -> None:
    lun: dict[str, Any] = {"id": "lun", "type": "iscsi", "portal": "192.0.2.6", "target": "iqn.x", "content": ["none"]}
    group = {"id": "lv", "type": "lvm", "vgname": "vg0", "base": "lun:0.0.0"}
    assert [command.split()[1] for command in commands(plan_of(Cluster(), *[lun, group][::order]))] == ["iscsi", "lvm"]
    gone = [{"id": name, "type": kind, "state": "absent"} for name, kind in (("lun", "iscsi"), ("lv", "lvm"))]
    assert commands(plan_of(converged(lun, group), *gone[::order])) == ["remove lv", "remove lun"]


#: (storage, what pvesm says, what helps)
REACHED_IN_VAIN = [
    (SHARE, "storage 'share' is not online", "showmount"),
    (CIFS, "storage 'win' is not online", "smbclient -L"),
    (
        CIFS,
        "create storage failed: connection check for storage 'win' failed - session setup failed:"
        " NT_STATUS_LOGON_FAILURE",
        "check username, domain and password",
    ),
    (
        {"id": "lun", "type": "iscsi", "portal": "192.0.2.6", "target": "iqn.x"},
        "storage 'lun' is not online",
        "pvesm scan iscsi",
    ),
]


@pytest.mark.parametrize(("storage", "said", "helps"), REACHED_IN_VAIN)
def test_what_helps_when_a_server_is_not_reached(storage: dict[str, Any], said: str, helps: str) -> None:
    (step,) = plan_of(Cluster(), storage).steps
    assert isinstance(step.action, Run)
    assert [helps in cure for pattern, cure in step.action.cures if re.search(pattern, said)] == [True]


def test_a_removal_is_destructive_and_says_that_data_stay() -> None:
    (step,) = plan_of(on_real_node(), {"id": "n2", "type": "nfs", "state": "absent"}).steps
    assert step.destructive and "data stay" in step.why


def test_secrets_are_on_standard_input_and_in_nothing_that_is_shown() -> None:
    secret = {**BACKUP, "password": "s3cret", "encryption_key": KEY}
    plan = plan_of(Cluster(), secret)
    actions = [step.action for step in plan.steps if isinstance(step.action, Run)]
    assert [action.stdin for action in actions] == ["s3cret\n", f"{KEY}\n"]
    shown = repr(plan.steps) + repr(plan.after) + repr(SUBJECT.desired(params(secret)))
    assert "s3cret" not in shown and "c2VjcmV0" not in shown


def test_a_key_left_by_an_interrupted_run_is_removed_first() -> None:
    node = Cluster()
    node.files["/etc/pve/priv/ceph/vms.keyring"] = "[client.admin]\n"
    plan = plan_of(node, {"id": "vms", "type": "rbd", "pool": "vms"})
    assert plan.steps[0].id == "file.remove:/etc/pve/priv/ceph/vms.keyring"
    external = {"id": "vms", "type": "rbd", "pool": "vms", "monhost": ["10.0.0.1"]}
    assert len(plan_of(node, external).steps) == 1


def test_the_diff_shows_the_listed_storages_before_and_after() -> None:
    plan = plan_of(on_real_node(), {"id": "d1", "type": "dir", "path": "/srv/d1", "content": ["iso"]})
    assert plan.before == {"d1": {"type": "dir", "content": "backup,iso", "path": "/srv/d1"}}
    assert plan.after == {"d1": {"type": "dir", "content": "iso", "path": "/srv/d1"}}
