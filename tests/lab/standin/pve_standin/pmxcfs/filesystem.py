"""The mounted file system: permissions, virtual entries and the rules of /etc/pve on top of the store.

It knows no FUSE: every method takes and gives plain values and raises OSError, so it can be tested without a mount.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
import time
from typing import Any, Callable

from pve_standin.pmxcfs import operation as op
from pve_standin.pmxcfs.operation import Operation
from pve_standin.pmxcfs.status import Status
from pve_standin.pmxcfs.store import LOCK_PREFIX, MAX_FILE_SIZE, Entry, Store
from pve_standin.pmxcfs.virtual import GUEST_FOLDERS, VirtualEntries

Apply = Callable[[Operation], int]

BLOCK = 4096
TOTAL_SIZE = 128 * 1024 * 1024
WRITE_BITS = 0o222


def is_private(path: str) -> bool:
    """Below priv and nodes/NAME/priv only root may read."""
    return bool(re.match(r"(nodes/[^/]+/)?priv(/|$)", path))


class FileSystem:
    """All operations; `apply` makes a change durable (and replicated, in a cluster) and answers an errno."""

    def __init__(self, store: Store, status: Status, apply: Apply, group: int) -> None:
        self._store = store
        self._status = status
        self._apply = apply
        self._group = group
        self._virtual = VirtualEntries(store, status)
        self._handle_lock = threading.Lock()
        self._handles: dict[int, bytes] = {}
        self._next_handle = 1

    # attributes

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        name = path.strip("/")
        if name in self._virtual.links:
            return self._attributes(stat.S_IFLNK | 0o755, len(self._virtual.links[name]))
        if self._virtual.is_file(name):
            mode = 0o640 if self._virtual.writable(name) else 0o440
            return {**self._attributes(stat.S_IFREG, len(self._virtual.content(name))), "st_mode": stat.S_IFREG | mode}
        entry = self._entry(name)
        if entry.is_dir:
            mode = 0o700 if is_private(name) else 0o755
            attributes = self._attributes(stat.S_IFDIR | mode, 0, entry.mtime if name else 0, links=2)
            return attributes if name else {**attributes, "st_mode": stat.S_IFDIR | mode}
        mode = 0o600 if is_private(name) else 0o640
        blocks = (len(entry.data) + BLOCK - 1) // BLOCK
        return self._attributes(stat.S_IFREG | mode, len(entry.data), entry.mtime, blocks=blocks)

    def _attributes(self, mode: int, size: int, mtime: int = 0, links: int = 1, blocks: int = 0) -> dict[str, Any]:
        if not self._status.quorate:
            mode &= ~WRITE_BITS
        times = {name: float(mtime) for name in ("st_mtime", "st_ctime", "st_atime")}
        owner = {"st_uid": 0, "st_gid": self._group}
        return {"st_mode": mode, "st_nlink": links, "st_size": size, "st_blocks": blocks, **owner, **times}

    def readlink(self, path: str) -> str:
        name = path.strip("/")
        if name not in self._virtual.links:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return self._virtual.links[name]

    def readdir(self, path: str) -> list[str]:
        name = path.strip("/")
        if not self._entry(name).is_dir:
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return [".", "..", *(self._virtual.names() if not name else []), *self._store.names(name)]

    def statfs(self) -> dict[str, int]:
        used = sum(len(row[7] or b"") for row in self._store.rows())
        blocks = TOTAL_SIZE // BLOCK
        free = blocks - used // BLOCK
        return {
            "f_bsize": BLOCK,
            "f_frsize": BLOCK,
            "f_blocks": blocks,
            "f_bfree": free,
            "f_bavail": free,
            "f_files": 256 * 1024,
            "f_ffree": 256 * 1024,
            "f_namemax": 255,
        }

    def chmod(self, path: str, mode: int) -> None:
        """Modes are fixed; asking for the very mode a file has is accepted so that copying tools succeed."""
        name = path.strip("/")
        expected = 0o600 if is_private(name) else 0o640
        if mode & 0o7777 != expected:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def chown(self, path: str, uid: int, gid: int) -> None:
        unchanged = (-1, 0xFFFFFFFF)
        if uid not in (0, *unchanged) or gid not in (self._group, *unchanged):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    def utimens(self, path: str, mtime: float) -> None:
        """Setting the time 0 on a lock asks for its removal if it has expired."""
        name = path.strip("/")
        if self._is_virtual(name):
            return
        self._require_quorum()
        if mtime == 0 and name.startswith(LOCK_PREFIX):
            if self._store.lock_expired(name):
                self._change(op.UNLOCK, name, inode=self._entry(name).inode)
            return
        self._change(op.MTIME, name, mtime=int(mtime))

    # files

    def open(self, path: str, flags: int) -> int:
        name = path.strip("/")
        writing = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if self._virtual.is_file(name):
            if writing and not self._virtual.writable(name):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
            return self._new_handle(self._virtual.content(name))
        self._entry(name)
        if writing:
            self._require_quorum()
        return 0

    def create(self, path: str) -> int:
        name = path.strip("/")
        self._require_quorum()
        self._require_unique_guest(name)
        self._change(op.CREATE, name)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        if fh:
            return self._handles[fh][offset : offset + size]
        entry = self._entry(path.strip("/"))
        return entry.data[offset : offset + size]

    def write(self, path: str, data: bytes, offset: int) -> int:
        name = path.strip("/")
        if self._virtual.writable(name):
            self._virtual.set_debug(data)
            return len(data)
        self._require_quorum()
        self._change(op.WRITE, name, offset=offset, data=bytes(data))
        return len(data)

    def truncate(self, path: str, length: int) -> None:
        name = path.strip("/")
        if self._virtual.writable(name):
            return
        self._require_quorum()
        if length > MAX_FILE_SIZE:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._change(op.TRUNCATE, name, offset=length)

    def release(self, fh: int) -> None:
        with self._handle_lock:
            self._handles.pop(fh, None)

    # names

    def mkdir(self, path: str) -> None:
        name = path.strip("/")
        self._require_quorum()
        if self._is_virtual(name):
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        self._change(op.MKDIR, name)

    def unlink(self, path: str) -> None:
        self._require_quorum()
        self._change(op.DELETE, self._real(path))

    def rmdir(self, path: str) -> None:
        name = self._real(path)
        self._require_quorum()
        if not self._entry(name).is_dir:
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        self._change(op.DELETE, name)

    def rename(self, old: str, new: str) -> None:
        source, target = self._real(old), self._real(new)
        self._require_quorum()
        replaces = self._store.lookup(target) is not None
        if self._guest(source) != self._guest(target) and not replaces:
            self._require_unique_guest(target)
        self._change(op.RENAME, source, target=target)

    # what the operations share

    def _change(self, kind: str, path: str, *, mtime: int | None = None, **fields: Any) -> None:
        when = int(time.time()) if mtime is None else mtime
        code = self._apply(Operation(kind, path, mtime=when, **fields))
        if code:
            raise OSError(code, os.strerror(code))

    def _entry(self, name: str) -> Entry:
        entry = self._store.lookup(name)
        if entry is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        return entry

    def _is_virtual(self, name: str) -> bool:
        return name in self._virtual.links or self._virtual.is_file(name)

    def _real(self, path: str) -> str:
        name = path.strip("/")
        if self._is_virtual(name):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return name

    def _require_quorum(self) -> None:
        if not self._status.quorate:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    def _guest(self, name: str) -> str | None:
        """Guest id when the path is a guest's configuration file."""
        folders = "|".join(GUEST_FOLDERS)
        matched = re.fullmatch(rf"nodes/[^/]+/({folders})/([1-9][0-9]{{2,8}})\.conf", name)
        return matched.group(2) if matched else None

    def _require_unique_guest(self, name: str) -> None:
        """A guest id exists once in the whole cluster."""
        guest = self._guest(name)
        if guest is not None and guest in self._virtual.guests():
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))

    def _new_handle(self, content: bytes) -> int:
        with self._handle_lock:
            handle = self._next_handle
            self._next_handle += 1
            self._handles[handle] = content
            return handle


def times_to_mtime(times: tuple[float, float] | None) -> float:
    """The modification time a utimens call asks for; no times mean now."""
    return time.time() if times is None else times[1]
