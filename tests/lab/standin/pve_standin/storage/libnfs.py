"""A user-space NFS client: the part of libnfs (Debian's libnfs13 and libnfs14) the lab needs, through ctypes.

The machines the lab runs on have no NFS client in their kernel, so a storage of type nfs is never mounted here.
Reading and writing its files goes through this class instead; that is what "active" means for NFS in the lab.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint32, c_uint64, c_void_p
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.storage.trees import Entry, Usage

TIMEOUT_MS = 10000
CHUNK = 1 << 20
S_IFMT = 0o170000
S_IFDIR = 0o040000


class _TimeVal(Structure):
    _fields_ = [("sec", ctypes.c_long), ("usec", ctypes.c_long)]


class _DirEntry(Structure):
    """The leading fields of libnfs's struct nfsdirent."""


_DirEntry._fields_ = [
    ("next", POINTER(_DirEntry)),
    ("name", c_char_p),
    ("inode", c_uint64),
    ("type", c_uint32),
    ("mode", c_uint32),
    ("size", c_uint64),
    ("atime", _TimeVal),
    ("mtime", _TimeVal),
]


class _StatVfs(Structure):
    _fields_ = [
        (name, c_uint64) for name in "bsize frsize blocks bfree bavail files ffree favail fsid flag namemax".split()
    ]


def _load() -> ctypes.CDLL:
    for name in ("libnfs.so.14", "libnfs.so.13"):
        try:
            library = ctypes.CDLL(name)
            break
        except OSError:
            continue
    else:
        raise ApiError(500, "no user-space NFS client (libnfs) on this node")
    library.nfs_init_context.restype = c_void_p
    library.nfs_get_error.restype = c_char_p
    library.nfs_readdir.restype = POINTER(_DirEntry)
    for name in ("nfs_get_error", "nfs_destroy_context"):
        getattr(library, name).argtypes = [c_void_p]
    return library


class NfsTree:
    """An export of an NFS server."""

    def __init__(self, server: str, export: str, version: int) -> None:
        self.lib = _load()
        self.context = c_void_p(self.lib.nfs_init_context())
        self.lib.nfs_set_timeout(self.context, c_int(TIMEOUT_MS))
        self.lib.nfs_set_version(self.context, c_int(version))
        self._call("nfs_mount", server.encode(), export.encode())

    def close(self) -> None:
        self.lib.nfs_destroy_context(self.context)

    def _call(self, function: str, *arguments: object) -> int:
        result = int(getattr(self.lib, function)(self.context, *arguments))
        if result < 0:
            reason = (self.lib.nfs_get_error(self.context) or b"").decode(errors="replace")
            raise OSError(-result, reason or os.strerror(-result))
        return result

    def entries(self, folder: str) -> list[Entry]:
        handle = c_void_p()
        try:
            self._call("nfs_opendir", self._path(folder), byref(handle))
        except FileNotFoundError:
            return []
        found = []
        while True:
            entry = self.lib.nfs_readdir(self.context, handle)
            if not entry:
                break
            found.append(_entry(entry.contents))
        self.lib.nfs_closedir(self.context, handle)
        return sorted((item for item in found if item.name not in (".", "..")), key=lambda item: item.name)

    def make_folder(self, folder: str) -> None:
        parts = Path(folder).parts
        for depth in range(1, len(parts) + 1):
            try:
                self._call("nfs_mkdir", self._path("/".join(parts[:depth])))
            except FileExistsError:
                continue

    def create(self, name: str, size: int) -> None:
        self._close(self._create(name))
        self._call("nfs_truncate", self._path(name), c_uint64(size))

    def store(self, source: Path, name: str) -> None:
        handle = self._create(name)
        try:
            with source.open("rb") as reader:
                for block in iter(lambda: reader.read(CHUNK), b""):
                    self._write_all(handle, block)
        finally:
            self._close(handle)

    def remove(self, name: str) -> None:
        self._call("nfs_unlink", self._path(name))

    def usage(self) -> Usage:
        status = _StatVfs()
        self._call("nfs_statvfs64", b"/", byref(status))
        size = status.frsize or status.bsize
        return Usage(
            total=status.blocks * size,
            used=(status.blocks - status.bfree) * size,
            avail=status.bavail * size,
        )

    def _create(self, name: str) -> c_void_p:
        handle = c_void_p()
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC  # nfs_creat opens a file for reading only, where NFSv4 is spoken
        self._call("nfs_open2", self._path(name), c_int(flags), c_int(0o644), byref(handle))
        return handle

    def _write_all(self, handle: c_void_p, block: bytes) -> None:
        while block:
            block = block[self._call("nfs_write", handle, c_uint64(len(block)), block) :]

    def _close(self, handle: c_void_p) -> None:
        self._call("nfs_close", handle)

    @staticmethod
    def _path(name: str) -> bytes:
        return b"/" + name.strip("/").encode()


def _entry(raw: _DirEntry) -> Entry:
    return Entry(raw.name.decode(errors="replace"), raw.size, raw.mtime.sec, raw.mode & S_IFMT == S_IFDIR)
