"""The tree of files: in memory for reading, in SQLite (same table as upstream's config.db) for keeps.

`apply` is deterministic: nodes that hold the same tree and apply the same operations hold the same tree again.
Every change raises the tree's version; a new entry's inode is the version that made it.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Optional

from pve_standin.pmxcfs import operation as op
from pve_standin.pmxcfs.operation import Operation

logger = logging.getLogger("database")

MAX_FILE_SIZE = 1024 * 1024
LOCK_PREFIX = "priv/lock/"
LOCK_LIFETIME = 120

DIRECTORY = 4
FILE = 8
ROOT = 0
_ROOT_NAME = "__version__"

Row = tuple[int, int, int, int, int, int, str, Optional[bytes]]


@dataclass(frozen=True)
class Entry:
    """One directory or file."""

    inode: int
    parent: int
    version: int
    writer: int
    mtime: int
    type: int
    name: str
    data: bytes = b""

    @property
    def is_dir(self) -> bool:
        return self.type == DIRECTORY

    def row(self) -> Row:
        data = None if self.is_dir else self.data
        return (self.inode, self.parent, self.version, self.writer, self.mtime, self.type, self.name, data)


class StoreError(Exception):
    """An operation that cannot be applied; carries the errno for the caller."""

    def __init__(self, code: int) -> None:
        super().__init__(errno.errorcode.get(code, str(code)))
        self.code = code


@dataclass(frozen=True)
class State:
    """What nodes compare to find out whose tree is the newest."""

    version: int
    mtime: int
    digest: str


def split(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


class Store:
    """The tree. Reading is allowed from any thread; changes come from one thread at a time."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._database = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS tree (inode INTEGER PRIMARY KEY NOT NULL, parent INTEGER NOT NULL, "
            "version INTEGER NOT NULL, writer INTEGER NOT NULL, mtime INTEGER NOT NULL, type INTEGER NOT NULL, "
            "name TEXT NOT NULL, data BLOB)"
        )
        self._entries: dict[int, Entry] = {}
        self._children: dict[int, dict[str, int]] = {}
        self._locks_seen: dict[tuple[int, int], float] = {}
        self._broken = False
        self._load(self._database.execute("SELECT inode, parent, version, writer, mtime, type, name, data FROM tree"))

    def close(self) -> None:
        with self.lock:
            self._database.close()

    # reading

    @property
    def version(self) -> int:
        return self._entries[ROOT].version

    def lookup(self, path: str) -> Entry | None:
        with self.lock:
            inode: int | None = ROOT
            for part in split(path):
                inode = self._children.get(inode if inode is not None else -1, {}).get(part)
                if inode is None:
                    return None
            return self._entries[inode if inode is not None else ROOT]

    def read(self, path: str) -> bytes | None:
        entry = self.lookup(path)
        return entry.data if entry is not None and not entry.is_dir else None

    def names(self, path: str) -> list[str]:
        with self.lock:
            entry = self.lookup(path)
            return list(self._children.get(entry.inode, {})) if entry is not None else []

    def state(self) -> State:
        with self.lock:
            digest = hashlib.sha256()
            for row in self.rows():
                digest.update(repr(row).encode())
            root = self._entries[ROOT]
            return State(root.version, root.mtime, digest.hexdigest())

    def rows(self) -> Iterator[Row]:
        with self.lock:
            return iter([self._entries[inode].row() for inode in sorted(self._entries)])

    # changing

    def apply(self, change: Operation, writer: int = 0) -> int:
        """Apply one operation; the answer is 0 or an errno."""
        handlers: dict[str, Callable[[Operation, int], None]] = {
            op.CREATE: lambda change, writer: self._create(change, writer, FILE),
            op.MKDIR: lambda change, writer: self._create(change, writer, DIRECTORY),
            op.WRITE: self._write,
            op.TRUNCATE: self._truncate,
            op.DELETE: self._delete,
            op.RENAME: self._rename,
            op.MTIME: self._mtime,
            op.UNLOCK: self._unlock,
        }
        with self.lock:
            try:
                handlers[change.kind](change, writer)
                return 0
            except StoreError as error:
                return error.code

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing. After a failure (a full disk) nothing is written any more: this copy may lack a change."""
        if self._broken:
            raise StoreError(errno.EIO)
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            logger.error("%s: no change is taken before the next start", error)
            self._broken = True
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise StoreError(errno.EIO) from error

    def replace_all(self, rows: Iterable[Row]) -> None:
        """Take over another node's complete tree; OSError when it cannot be written."""
        fresh = list(rows)
        with self.lock:
            try:
                with self._transaction():
                    self._database.execute("DELETE FROM tree")
                    self._database.executemany("INSERT INTO tree VALUES (?,?,?,?,?,?,?,?)", fresh)
            except StoreError as error:
                raise OSError(error.code, os.strerror(error.code)) from error
            self._load(fresh)

    def lock_expired(self, path: str) -> bool:
        """Has this lock stood unchanged for its whole life time, as far as this node saw?"""
        with self.lock:
            entry = self.lookup(path)
            if entry is None or not path.startswith(LOCK_PREFIX):
                return False
            key = (entry.inode, entry.version)
            first_seen = self._locks_seen.setdefault(key, self._clock())
            return self._clock() - first_seen > LOCK_LIFETIME

    # one function per operation

    def _create(self, change: Operation, writer: int, kind: int) -> None:
        parent, name = self._parent(change.path)
        if name in self._children[parent.inode]:
            raise StoreError(errno.EEXIST)
        version = self.version + 1
        entry = Entry(version, parent.inode, version, writer, change.mtime, kind, name)
        self._save([entry], change.mtime, writer)
        if change.path.startswith(LOCK_PREFIX):
            self._locks_seen[(entry.inode, entry.version)] = self._clock()

    def _write(self, change: Operation, writer: int) -> None:
        entry = self._file(change.path)
        end = change.offset + len(change.data)
        if end > MAX_FILE_SIZE:
            raise StoreError(errno.EFBIG)
        padded = entry.data.ljust(change.offset, b"\0")
        data = padded[: change.offset] + change.data + padded[end:]
        self._update(entry, change, writer, data)

    def _truncate(self, change: Operation, writer: int) -> None:
        entry = self._file(change.path)
        if change.offset > MAX_FILE_SIZE:
            raise StoreError(errno.EFBIG)
        self._update(entry, change, writer, entry.data[: change.offset].ljust(change.offset, b"\0"))

    def _mtime(self, change: Operation, writer: int) -> None:
        entry = self._existing(change.path)
        self._update(entry, change, writer, entry.data)

    def _update(self, entry: Entry, change: Operation, writer: int, data: bytes) -> None:
        updated = replace(entry, version=self.version + 1, writer=writer, mtime=change.mtime, data=data)
        self._save([updated], change.mtime, writer)

    def _delete(self, change: Operation, writer: int) -> None:
        entry = self._existing(change.path)
        if entry.inode == ROOT:
            raise StoreError(errno.EACCES)
        if self._children.get(entry.inode):
            raise StoreError(errno.ENOTEMPTY)
        self._save([], change.mtime, writer, removed=[entry])

    def _rename(self, change: Operation, writer: int) -> None:
        source = self._existing(change.path)
        parent, name = self._parent(change.target)
        if source.inode == ROOT or self._inside(parent.inode, source.inode):
            raise StoreError(errno.EINVAL)
        target = self.lookup(change.target)
        if target is not None and target.inode == source.inode:
            return
        removed: list[Entry] = []
        if target is not None:
            self._check_replace(source, target)
            removed.append(target)
        version = self.version + 1
        moved = replace(source, parent=parent.inode, name=name, version=version, writer=writer, mtime=change.mtime)
        self._save([moved], change.mtime, writer, removed=removed)

    def _check_replace(self, source: Entry, target: Entry) -> None:
        if target.is_dir and not source.is_dir:
            raise StoreError(errno.EISDIR)
        if source.is_dir and not target.is_dir:
            raise StoreError(errno.ENOTDIR)
        if self._children.get(target.inode):
            raise StoreError(errno.ENOTEMPTY)

    def _unlock(self, change: Operation, writer: int) -> None:
        """Drop an expired lock, but only the very one that the requesting node saw expire."""
        entry = self.lookup(change.path)
        if entry is not None and entry.inode == change.inode and not self._children.get(entry.inode):
            self._save([], change.mtime, writer, removed=[entry])

    # what the operations share

    def _existing(self, path: str) -> Entry:
        entry = self.lookup(path)
        if entry is None:
            raise StoreError(errno.ENOENT)
        return entry

    def _file(self, path: str) -> Entry:
        entry = self._existing(path)
        if entry.is_dir:
            raise StoreError(errno.EISDIR)
        return entry

    def _parent(self, path: str) -> tuple[Entry, str]:
        parts = split(path)
        if not parts:
            raise StoreError(errno.EEXIST)
        if len(parts[-1].encode()) > 255:
            raise StoreError(errno.ENAMETOOLONG)
        parent = self._existing("/".join(parts[:-1]))
        if not parent.is_dir:
            raise StoreError(errno.ENOTDIR)
        return parent, parts[-1]

    def _inside(self, inode: int, ancestor: int) -> bool:
        while inode != ROOT:
            if inode == ancestor:
                return True
            inode = self._entries[inode].parent
        return False

    def _save(self, changed: list[Entry], mtime: int, writer: int, removed: Iterable[Entry] = ()) -> None:
        """Write entries and the root's new version in one transaction, then the memory follows."""
        gone = list(removed)
        root = replace(self._entries[ROOT], version=self.version + 1, writer=writer, mtime=mtime)
        rows = [entry.row() for entry in [*changed, root]]
        with self._transaction():
            self._database.executemany("DELETE FROM tree WHERE inode = ?", [(entry.inode,) for entry in gone])
            self._database.executemany("INSERT OR REPLACE INTO tree VALUES (?,?,?,?,?,?,?,?)", rows)
        for entry in gone:
            self._forget(entry)
        for entry in changed:
            previous = self._entries.get(entry.inode)
            if previous is not None:
                del self._children[previous.parent][previous.name]
            self._remember(entry)
        self._entries[ROOT] = root

    def _remember(self, entry: Entry) -> None:
        self._entries[entry.inode] = entry
        if entry.is_dir:
            self._children.setdefault(entry.inode, {})
        if entry.inode != ROOT:
            self._children.setdefault(entry.parent, {})[entry.name] = entry.inode

    def _forget(self, entry: Entry) -> None:
        del self._entries[entry.inode]
        del self._children[entry.parent][entry.name]
        self._children.pop(entry.inode, None)

    def _load(self, rows: Iterable[Row]) -> None:
        self._entries = {}
        self._children = {ROOT: {}}
        self._entries[ROOT] = Entry(ROOT, ROOT, 0, 0, 0, DIRECTORY, _ROOT_NAME)
        for row in rows:
            data = bytes(row[7]) if row[7] is not None else b""
            self._remember(Entry(row[0], row[1], row[2], row[3], row[4], row[5], row[6], data))
