"""The entries of storage.cfg: read as Proxmox VE reads them."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import (
    IMPLICIT_LOCAL,
    StorageEntry,
    parse_storages,
)

from ....doubles.support import transcript

SHARE = "nfs: share\n\tserver nas\n\texport /srv\n"


def options(text: str, name: str = "a1") -> Optional[dict[str, object]]:
    entry = parse_storages(text).entries.get(name)
    return None if entry is None else dict(entry.options)


def test_the_file_of_a_real_cluster() -> None:
    found = parse_storages(transcript("194-storage-cfg").stdout)
    assert set(found.entries) == {"d1", "local", "vmpool", "cephfs", "n2"}
    assert found.entries["n2"] == StorageEntry(
        "nfs",
        {
            "content": frozenset({"images"}),
            "disable": "1",
            "export": "/export",
            "path": "/mnt/pve/n2",
            "server": "10.10.1.1",
        },
    )
    assert found.entries["d1"].options["content"] == {"iso", "backup"}
    assert not found.unreadable


def test_a_flag_is_one_zero_or_its_mere_name_and_no_other_word() -> None:
    assert [parse_storages(f"{SHARE}\t{line}\n").entries["share"].disabled for line in ("disable", "disable 1")] == [
        True,
        True,
    ]
    for word in ("0", "yes", "true", "on", "01"):
        assert not parse_storages(f"{SHARE}\tdisable {word}\n").entries["share"].disabled, word
    assert not parse_storages("dir: a1\n\tpath /x\n\tshared yes\n").entries["a1"].shared


def test_a_value_that_is_not_accepted_is_as_good_as_not_there_and_the_first_good_one_counts() -> None:
    text = f"{SHARE}\tport 99\n\tnodes pve_1\n\tnodes pve1\n\tnodes pve2\n\tcontent iso,films\n\toptions a b\n"
    assert options(text, "share") == {
        "content": {"images"},
        "export": "/srv",
        "nodes": {"pve1"},
        "path": "/mnt/pve/share",
        "server": "nas",
    }


def test_an_option_that_the_type_does_not_have_says_nothing() -> None:
    """Many a user has set `shared` on a ZFS pool, and wondered."""
    assert not parse_storages("zfspool: tank\n\tpool tank\n\tshared 1\n").entries["tank"].shared


def test_an_option_of_another_release_is_kept_to_be_named() -> None:
    assert options("dir: a1\n\tpath /x\n\tmaxfiles 3\n") == {
        "path": "/x",
        "content": {"images", "rootdir"},
        "maxfiles": "3",
    }


def test_a_secret_that_somebody_has_written_into_the_file_is_not_read() -> None:
    text = "cifs: a1\n\tserver s\n\tshare x\n\tpassword secret\n"
    assert "secret" not in str(parse_storages(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dir: a1\n", "there is no path that it accepts"),
        ("dir: a1\n\tpath srv\n", "there is no path that it accepts"),
        ("dir: a1\n\tpath /x y\n", "/x y is no path for this type"),
        ("nfs: a1\n\tserver a_b\n", "there is no export and no server that it accepts"),
        ("pbs: a1\n\tserver s\n\tdatastore d\n\tcontent none,backup\n", "its content is none and something else"),
        ("zfspool: a1\n\tpool t\n\tcontent iso\n", "it can hold nothing of its content"),
    ],
)
def test_a_section_that_lacks_something_is_no_storage_and_hides_an_earlier_one(text: str, reason: str) -> None:
    found = parse_storages(f"dir: a1\n\tpath /first\n\n{text}")
    assert ("a1" in found.entries, found.unreadable) == (False, {"a1": reason})
    again = parse_storages(f"{text}\ndir: a1\n\tpath /last\n")
    assert (again.entries["a1"].options["path"], again.unreadable) == ("/last", {})


@pytest.mark.parametrize("name", ["a", "1a", "a-", "\u00e41", "a:b"])
def test_a_section_with_a_name_that_is_none_is_passed_over(name: str) -> None:
    found = parse_storages(f"dir: {name}\n\tpath /x\n")
    assert (set(found.entries), found.unreadable) == ({"local"}, {})


def test_the_type_is_read_in_small_letters_and_an_unknown_one_hides_nothing() -> None:
    assert parse_storages("Dir: a1\n\tpath /x\n").entries["a1"].type == "dir"
    assert parse_storages("future: a1\n\tnew thing\n").entries["a1"] == StorageEntry("future", {"new": "thing"})
    assert parse_storages("dir: a1\n\tpath /x\n\nfuture: a1\n").entries["a1"].type == "dir"
    assert parse_storages("future: a1\n\ndir: a1\n\tpath /x\n").entries["a1"].type == "dir"


@pytest.mark.parametrize("kind", ["nfs", "cifs", "cephfs"])
def test_what_proxmox_ve_mounts_has_a_usual_place(kind: str) -> None:
    text = f"{kind}: a1\n\tserver s\n\texport /srv\n\tshare x\n"
    assert (options(text) or {})["path"] == "/mnt/pve/a1"
    assert (options(f"{text}\tpath /other (1)\n") or {})["path"] == "/other (1)", "only its beginning is looked at"


def test_no_node_at_all_is_not_all_nodes() -> None:
    assert parse_storages(f"{SHARE}\tnodes ,\n").entries["share"].nodes == frozenset()
    assert parse_storages(SHARE).entries["share"].nodes is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dir: local\n\tpath /srv/vz\n\tcontent iso\n",
        "dir: local\n\tcontent iso\n",
        "nfs: local\n\tserver s\n\texport /srv\n",
        "future: local\n",
    ],
)
def test_local_is_the_same_directory_of_every_node_whatever_is_written(text: str) -> None:
    found = parse_storages(text)
    assert found.entries["local"] == IMPLICIT_LOCAL
    assert not found.unreadable


def test_of_local_the_content_can_be_set_and_the_nodes_cannot() -> None:
    text = "dir: local\n\tpath /var/lib/vz/\n\tcontent iso\n\tnodes pve1\n"
    assert options(text, "local") == {"path": "/var/lib/vz", "content": {"iso"}}


@pytest.mark.parametrize(
    ("kind", "given", "shared"),
    [
        ("rbd", {}, True),
        ("nfs", {}, True),
        ("dir", {"shared": "1"}, True),
        ("dir", {}, False),
        ("btrfs", {}, False),
        ("esxi", {}, False),
        ("esxi", {"shared": "1"}, True),
        ("glusterfs", {}, True),
        ("zfspool", {}, False),
        ("lvm", {"shared": "0"}, False),
        ("", {}, False),
    ],
)
def test_which_storages_all_nodes_see(kind: str, given: dict[str, str], shared: bool) -> None:
    assert StorageEntry(kind, dict(given)).shared is shared
