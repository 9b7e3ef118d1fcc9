"""site/inventory: the storages of a running cluster, told so that the role leaves them as they are."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import parse_storages
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.storage import ObservedStorages
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.storage import (
    storage_notes,
    storage_variables,
)

MEMBERS = frozenset(("pve1", "pve2", "pve3"))
SHARE = "nfs: share\n\texport /srv/share\n\tpath /mnt/pve/share\n\tserver 10.10.2.11\n\tcontent iso\n"


def observed(text: str) -> ObservedStorages:
    file = parse_storages(text)
    return ObservedStorages(file.entries, {}, MEMBERS, unreadable=file.unreadable)


def told(text: str) -> list[dict[str, object]]:
    definitions = storage_variables(observed(text)).get("storage_definitions", [])
    assert isinstance(definitions, list)
    return definitions


#: (storage.cfg, how it is told)
TOLD: list[tuple[str, dict[str, object]]] = [
    (
        f"{SHARE}\tprune-backups keep-last=3,keep-daily=7\n\toptions vers=4.2,hard\n\tnodes pve2,pve1\n",
        {
            "id": "share",
            "type": "nfs",
            "content": ["iso"],
            "export": "/srv/share",
            "nodes": ["pve1", "pve2"],
            "options": "hard,vers=4.2",
            "path": "/mnt/pve/share",
            "prune_backups": {"keep_daily": 7, "keep_last": 3},
            "server": "10.10.2.11",
        },
    ),
    (
        "cephfs: files\n\tpath /mnt/pve/files\n\tcontent backup\n\tfuse 1\n",
        {"id": "files", "type": "cephfs", "content": ["backup"], "fuse": True, "path": "/mnt/pve/files"},
    ),
    ("rbd: vms\n", {"id": "vms", "type": "rbd", "content": ["images"]}),
    (
        "pbs: pbs1\n\tdatastore 0001\n\tserver pbs.example.org\n\tnamespace 0042\n\tusername 007\n\tport 8007\n",
        {
            "id": "pbs1",
            "type": "pbs",
            "content": ["backup"],
            "datastore": "0001",
            "namespace": "0042",
            "port": 8007,
            "server": "pbs.example.org",
            "username": "007",
        },
    ),
    ("zfspool: tank\n\tpool 00\n", {"id": "tank", "type": "zfspool", "content": ["images", "rootdir"], "pool": "00"}),
]


@pytest.mark.parametrize(("text", "expected"), TOLD)
def test_a_storage_is_told_in_the_types_of_its_parameters(text: str, expected: dict[str, object]) -> None:
    assert told(text) == [expected]
    assert not list(storage_notes(observed(text)))


#: (storage.cfg of one storage s1, what is said of it, whether it is told all the same)
NOTED = [
    ("drbd: s1\n\tredundancy 2\n", "is of the type drbd, which no role manages", False),
    ("dir: s1\n\tpath /srv/s1\n\tmaxfiles 3\n", "has options that no role manages: maxfiles", True),
    ("dir: s1\n\tpath /srv/s1\n\tbwlimit default=1.5\n", "bwlimit cannot be {'default': '1.5'}", False),
    ("rbd: s1\n\tnodes pve9\n", "not in this cluster: pve9", False),
]


@pytest.mark.parametrize(("text", "words", "is_told"), NOTED)
def test_what_cannot_be_told_is_left_alone_and_said(text: str, words: str, is_told: bool) -> None:
    (note,) = storage_notes(observed(text))
    assert note.startswith("The storage s1") and words in note
    assert [one["id"] for one in told(text)] == (["s1"] if is_told else [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dir: s1\n\tpath /srv/with space\n", "/srv/with space is no path for this type"),
        ("nfs: s1\n\tserver x\n", "there is no export that it accepts"),
    ],
)
def test_a_section_that_is_no_storage_is_not_told_and_said_to_be_in_the_way(text: str, words: str) -> None:
    (note,) = storage_notes(observed(text))
    assert note.startswith("Proxmox VE takes the section s1 ") and words in note
    assert told(text) == []


def test_a_value_that_proxmox_ve_does_not_accept_is_not_told() -> None:
    text = "pbs: s1\n\tserver x\n\tdatastore d\n\tport http\n\tprune-backups keep-last=x\n"
    assert told(text) == [{"id": "s1", "type": "pbs", "content": ["backup"], "datastore": "d", "server": "x"}]


def test_of_local_is_told_what_is_not_there_by_itself() -> None:
    assert told("dir: local\n\tpath /var/lib/vz\n\tcontent iso\n") == [
        {"id": "local", "type": "dir", "content": ["iso"], "path": "/var/lib/vz"}
    ]
    assert storage_variables(observed("")) == {}
    assert told("dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup,images,rootdir,snippets\n") == []


def test_secrets_are_said_to_be_there_and_nothing_of_them_is_told() -> None:
    found = ObservedStorages(
        parse_storages("pbs: b1\n\tserver x\n\tdatastore d\n\nrbd: own\n\nrbd: ext\n\tmonhost 10.0.0.1\n").entries,
        {
            "/etc/pve/priv/storage/b1.pw": "0" * 64,
            "/etc/pve/priv/storage/b1.enc": "1" * 64,
            "/etc/pve/priv/ceph/own.keyring": "2" * 64,
            "/etc/pve/priv/ceph/ext.keyring": "3" * 64,
        },
        MEMBERS,
    )
    assert list(storage_notes(found)) == [
        "The storage b1 has a stored encryption_key and password, which is not exported, and stays as it is.",
        "The storage ext has a stored keyring, which is not exported, and stays as it is.",
    ]
