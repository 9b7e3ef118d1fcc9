"""storage_info: what is told of a cluster is what storage would take, and of secrets only that they are there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.modules.storage_info import INQUIRY

from .storage_support import BACKUP, DIRECTORY, SHARE, Cluster, converged, on_real_node, params, plan_of

EVERY_TYPE: list[dict[str, Any]] = [
    {**DIRECTORY, "shared": True, "is_mountpoint": "yes", "content_dirs": {"iso": "isos"}, "nodes": ["pve1"]},
    {**SHARE, "options": "vers=4.2,soft", "prune_backups": {"keep_last": 3}, "disable": True},
    {"id": "tree", "type": "btrfs", "path": "/srv/tree", "nocow": True, "content": ["images", "rootdir"]},
    {"id": "old", "type": "esxi", "server": "192.0.2.9", "username": "root", "password": "s3cret", "port": 8443},
    {"id": "cephfs", "type": "cephfs", "fuse": True, "content": ["iso"]},
    {"id": "vms", "type": "rbd", "pool": "vms", "krbd": True, "monhost": ["10.0.0.2", "10.0.0.1"]},
    {"id": "lv", "type": "lvm", "vgname": "vg", "saferemove": True, "saferemove_stepsize": 8},
    {"id": "thin", "type": "lvmthin", "vgname": "vg", "thinpool": "pool", "bwlimit": {"default": 1000}},
    {"id": "tank", "type": "zfspool", "pool": "tank/vm", "sparse": True, "blocksize": "16k"},
    {"id": "lun", "type": "iscsi", "portal": "192.0.2.8", "target": "iqn.2026-01.test:a", "content": ["none"]},
    {"id": "win", "type": "cifs", "server": "192.0.2.7", "share": "s", "username": "u", "password": "s3cret"},
    {**BACKUP, "password": "s3cret", "encryption_key": "autogen", "port": 8008, "max_protected_backups": -1},
]


@pytest.mark.parametrize("storage", EVERY_TYPE, ids=[storage["type"] for storage in EVERY_TYPE])
def test_what_is_told_is_what_the_module_takes(storage: dict[str, Any]) -> None:
    node = converged(storage)
    told = next(entry for entry in INQUIRY.answer(node, {})["storages"] if entry["id"] == storage["id"])
    assert params(told)["storages"]
    assert not plan_of(node, told).steps


def test_secrets_are_named_and_nothing_of_them_is_told() -> None:
    told = INQUIRY.answer(converged(*EVERY_TYPE), {})
    assert told["secrets"] == {
        "old": ["password"],
        "pbs1": ["encryption_key", "password"],
        "win": ["password"],
    }
    assert "s3cret" not in str(told)


def test_a_section_that_is_no_storage_is_named() -> None:
    told = INQUIRY.answer(Cluster("nfs: nas\n\tserver 10.10.2.11\n"), {})
    assert told["unreadable"] == {"nas": "there is no export that it accepts"}
    assert "nas" not in {entry["id"] for entry in told["storages"]}


def test_a_real_cluster() -> None:
    told = INQUIRY.answer(on_real_node(), {})
    assert {entry["id"] for entry in told["storages"]} >= {"local"}


def test_a_node_without_proxmox_ve_has_only_what_is_always_there() -> None:
    assert [entry["id"] for entry in INQUIRY.answer(Cluster(members=""), {})["storages"]] == ["local"]
