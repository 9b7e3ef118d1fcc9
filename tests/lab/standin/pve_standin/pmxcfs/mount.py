"""The thin layer between fusepy and FileSystem, and (un)mounting."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Any, Callable

# fusepy asks ldconfig's cache, which is stale while packages are being installed; the loader itself is not
os.environ.setdefault("FUSE_LIBRARY_PATH", "libfuse.so.2")

import fusepy as fuse  # type: ignore[import-not-found,import-untyped,unused-ignore]

from pve_standin.pmxcfs.filesystem import FileSystem, times_to_mtime

MNT_DETACH = 2


class Mount(fuse.Operations):
    """Each method only passes on; `ready` is called when the kernel has accepted the mount."""

    def __init__(self, filesystem: FileSystem, ready: Callable[[], None]) -> None:
        self._fs = filesystem
        self._ready = ready

    def init(self, path: str) -> None:
        self._ready()

    def access(self, path: str, amode: int) -> int:
        return 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        return self._fs.getattr(path, fh)

    def readlink(self, path: str) -> str:
        return self._fs.readlink(path)

    def readdir(self, path: str, fh: int) -> list[str]:
        return self._fs.readdir(path)

    def statfs(self, path: str) -> dict[str, int]:
        return self._fs.statfs()

    def chmod(self, path: str, mode: int) -> int:
        self._fs.chmod(path, mode)
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        self._fs.chown(path, uid, gid)
        return 0

    def utimens(self, path: str, times: tuple[float, float] | None = None) -> int:
        self._fs.utimens(path, times_to_mtime(times))
        return 0

    def open(self, path: str, flags: int) -> int:
        return self._fs.open(path, flags)

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        return self._fs.create(path)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return self._fs.read(path, size, offset, fh)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return self._fs.write(path, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._fs.truncate(path, length)
        return 0

    def release(self, path: str, fh: int) -> int:
        self._fs.release(fh)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self._fs.mkdir(path)
        return 0

    def unlink(self, path: str) -> int:
        self._fs.unlink(path)
        return 0

    def rmdir(self, path: str) -> int:
        self._fs.rmdir(path)
        return 0

    def rename(self, old: str, new: str) -> int:
        self._fs.rename(old, new)
        return 0

    def flush(self, path: str, fh: int) -> int:
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        return 0

    def symlink(self, target: str, source: str) -> int:
        raise fuse.FuseOSError(errno.EPERM)

    def link(self, target: str, source: str) -> int:
        raise fuse.FuseOSError(errno.EPERM)

    def mknod(self, path: str, mode: int, dev: int) -> int:
        raise fuse.FuseOSError(errno.EPERM)


def serve(filesystem: FileSystem, mountpoint: Path, ready: Callable[[], None]) -> None:
    """Mount and serve until unmounted or told to stop. Nothing is cached: other nodes change the content."""
    fuse.FUSE(
        Mount(filesystem, ready),
        str(mountpoint),
        foreground=True,
        nothreads=False,
        allow_other=True,
        default_permissions=True,
        direct_io=True,
        big_writes=True,
        max_write=131072,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
        fsname="/dev/fuse",
    )


def detach_stale(mountpoint: Path) -> None:
    """Remove what a killed predecessor left mounted."""
    library = ctypes.CDLL(None, use_errno=True)
    while _is_mounted(mountpoint):
        if library.umount2(str(mountpoint).encode(), MNT_DETACH) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(mountpoint))


def _is_mounted(mountpoint: Path) -> bool:
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    return any(line.split(" ")[1] == str(mountpoint) for line in lines)
