"""storage.cfg: what the stand-in reads, checks and writes, against files written by the real tools."""

from __future__ import annotations

import pytest
from pve_standin.core.errors import ApiError
from pve_standin.storage import config
from pve_standin.storage.types import STORAGE_TYPES

from .support import loaded, text, unordered


@pytest.mark.parametrize("name", ["storage.cfg.recorded"])
def test_a_recorded_file_is_written_back_as_it_was(name: str) -> None:
    read = config.parse(text(name))
    del read.storages["n2"]["content"]  # a default that was not in the file
    assert unordered(config.dump(read)) == unordered(text(name))


def test_the_order_of_keys_is_the_real_writers() -> None:
    read = config.parse(text("storage.cfg.sample"))
    del read.storages["local"]  # not in the sample, but always there
    assert unordered(config.dump(read)) == unordered(text("storage.cfg.sample"))


def test_the_api_shows_what_was_recorded() -> None:
    read = config.parse(text("storage.cfg.recorded"))
    shown = {entry["storage"]: entry for entry in (config.api_view(*item) for item in read.storages.items())}
    for wanted in loaded("api-storage.json"):
        wanted.pop("digest")
        found = shown[wanted["storage"]]
        assert set(found.pop("content").split(",")) == set(wanted.pop("content").split(","))
        assert found == wanted


def test_an_empty_file_has_the_local_storage() -> None:
    read = config.parse("")
    assert read.digest == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert read.storages["local"]["path"] == "/var/lib/vz"
    assert read.storages["local"]["prune-backups"] == "keep-all=1"


def test_lists_keep_no_order() -> None:
    words = [f"w{number}" for number in range(8)]
    assert {tuple(sorted(config.any_order(words).split(","))) for _ in range(5)} == {tuple(words)}
    assert len({config.any_order(words) for _ in range(20)}) > 1


def test_a_new_nfs_storage_gets_its_path() -> None:
    made = config.check_create("share", "nfs", {"server": "192.0.2.1", "export": "/x", "content": "iso,backup"})
    assert made == {
        "type": "nfs",
        "server": "192.0.2.1",
        "export": "/x",
        "path": "/mnt/pve/share",
        "content": ["iso", "backup"],
    }


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        ("nfs", {"server": "192.0.2.1"}, "missing value for required option 'export'"),
        ("dir", {}, "missing value for required option 'path'"),
        ("dir", {"path": "/x", "server": "192.0.2.1"}, "unexpected property 'server'"),
        ("rbd", {"content": "iso"}, "storage does not support content type 'iso'"),
        ("dir", {"path": "/x", "content": "none,iso"}, "unable to combine 'none' with other content types"),
    ],
)
def test_what_a_new_storage_may_not_be(kind: str, given: dict[str, str], reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        config.check_create("x1", kind, given)


def test_fixed_options_stay() -> None:
    storage = config.check_create("share", "nfs", {"server": "192.0.2.1", "export": "/x"})
    with pytest.raises(ApiError, match="can't change value of fixed parameter 'export'"):
        config.check_update(storage, {"export": "/y"}, [])
    with pytest.raises(ApiError, match="unable to delete required option 'server'"):
        config.check_update(storage, {}, ["server"])
    with pytest.raises(ApiError, match="no such option 'pool'"):
        config.check_update(storage, {}, ["pool"])


def test_an_update_sets_and_deletes() -> None:
    storage = config.check_create("share", "nfs", {"server": "192.0.2.1", "export": "/x", "options": "vers=4.2"})
    changed = config.check_update(storage, {"content": "iso", "disable": 1}, ["options"])
    assert changed["content"] == ["iso"]
    assert changed["disable"] == 1
    assert "options" not in changed


@pytest.mark.parametrize("kind", sorted(STORAGE_TYPES))
def test_every_type_is_consistent(kind: str) -> None:
    row = STORAGE_TYPES[kind]
    assert set(row.default_content) <= row.contents
    assert row.default_format in row.formats
    assert {"content", "disable", "nodes"} <= row.options
