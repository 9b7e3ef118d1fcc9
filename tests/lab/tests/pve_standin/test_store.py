"""The tree: rules, versions, locks, and what is left after a restart."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from pve_standin.pmxcfs import operation as op
from pve_standin.pmxcfs.operation import Operation, decode
from pve_standin.pmxcfs.store import LOCK_LIFETIME, MAX_FILE_SIZE, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "config.db")


def do(store: Store, kind: str, path: str, **fields: object) -> int:
    return store.apply(Operation(kind, path, mtime=1, **fields))  # type: ignore[arg-type]


def test_a_file_is_created_written_and_renamed_over_another(store: Store) -> None:
    assert do(store, op.CREATE, "new") == 0
    assert do(store, op.WRITE, "new", data=b"text") == 0
    assert do(store, op.CREATE, "old") == 0
    assert do(store, op.RENAME, "new", target="old") == 0
    assert store.read("old") == b"text"
    assert store.lookup("new") is None


def test_every_change_raises_the_version(store: Store) -> None:
    versions = []
    for kind in (op.CREATE, op.MTIME, op.DELETE):
        do(store, kind, "f")
        versions.append(store.version)
    assert versions == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "path", "fields", "code"),
    [
        (op.CREATE, "no/such", {}, errno.ENOENT),
        (op.CREATE, "file/below", {}, errno.ENOTDIR),
        (op.CREATE, "file", {}, errno.EEXIST),
        (op.MKDIR, "dir", {}, errno.EEXIST),
        (op.WRITE, "dir", {"data": b"x"}, errno.EISDIR),
        (op.WRITE, "file", {"data": b"x", "offset": MAX_FILE_SIZE}, errno.EFBIG),
        (op.TRUNCATE, "file", {"offset": MAX_FILE_SIZE + 1}, errno.EFBIG),
        (op.DELETE, "dir", {}, errno.ENOTEMPTY),
        (op.DELETE, "nothing", {}, errno.ENOENT),
        (op.RENAME, "file", {"target": "dir"}, errno.EISDIR),
        (op.RENAME, "dir", {"target": "dir/inner/deeper"}, errno.EINVAL),
    ],
)
def test_refusals(store: Store, kind: str, path: str, fields: dict[str, object], code: int) -> None:
    for made, name in ((op.CREATE, "file"), (op.MKDIR, "dir"), (op.MKDIR, "dir/inner")):
        assert do(store, made, name) == 0
    before = store.state()
    assert do(store, kind, path, **fields) == code
    assert store.state() == before


def test_a_restart_finds_the_same_tree(store: Store, tmp_path: Path) -> None:
    do(store, op.MKDIR, "d")
    do(store, op.CREATE, "d/f")
    do(store, op.WRITE, "d/f", data=b"\0binary")
    before = store.state()
    store.close()
    assert Store(tmp_path / "config.db").state() == before


def test_a_full_disk_takes_no_more_changes_until_the_next_start(store: Store, tmp_path: Path) -> None:
    do(store, op.CREATE, "f")
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages + 4}")
    assert do(store, op.WRITE, "f", data=b"x" * 100_000) == errno.EIO
    assert store.read("f") == b""
    assert do(store, op.CREATE, "small") == errno.EIO
    with pytest.raises(OSError, match="Input/output error"):
        store.replace_all([])
    store.close()
    assert do(Store(tmp_path / "config.db"), op.CREATE, "small") == 0


def test_a_lock_expires_only_after_its_life_time(tmp_path: Path) -> None:
    now = [0.0]
    store = Store(tmp_path / "config.db", clock=lambda: now[0])
    for name in ("priv", "priv/lock", "priv/lock/a"):
        do(store, op.MKDIR, name)
    now[0] = LOCK_LIFETIME - 1
    assert not store.lock_expired("priv/lock/a")
    now[0] = LOCK_LIFETIME + 1
    assert store.lock_expired("priv/lock/a")
    entry = store.lookup("priv/lock/a")
    assert entry is not None
    assert do(store, op.UNLOCK, "priv/lock/a", inode=entry.inode + 1) == 0
    assert store.lookup("priv/lock/a") is not None
    assert do(store, op.UNLOCK, "priv/lock/a", inode=entry.inode) == 0
    assert store.lookup("priv/lock/a") is None


def test_operations_survive_the_wire() -> None:
    change = Operation(op.WRITE, "a/b", mtime=5, offset=3, data=b"line\nline\0")
    assert decode(change.encode()) == change
