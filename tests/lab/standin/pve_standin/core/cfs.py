"""Access to the cluster file system: reading, atomic writing, locks, quorum and the node's own name and address."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Union

from pve_standin.core import paths
from pve_standin.core.errors import ApiError

PathLike = Union[str, Path]
#: Seconds between two attempts to get a lock.
LOCK_PAUSE = 1.0


def absolute(path: PathLike) -> Path:
    """Names without a leading slash are relative to /etc/pve."""
    return paths.PVE / Path(path)


def cfs_read(path: PathLike) -> str | None:
    """Content of a file under /etc/pve, None when it does not exist."""
    try:
        return absolute(path).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None


def cfs_write(path: PathLike, text: str, mode: int = 0o640) -> None:
    """Replace a file under /etc/pve in one step; the file system fixes the mode itself (0600 below priv)."""
    target = absolute(path)
    temporary = target.with_name(f"{target.name}.tmp.{os.getpid()}")
    try:
        descriptor = os.open(str(temporary), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
        os.rename(str(temporary), str(target))
    except OSError as error:
        with suppress(OSError):  # the write error is the one worth reporting; the file may not even exist
            os.unlink(str(temporary))
        raise ApiError(
            500, f"unable to open file '{temporary}' - {os.strerror(error.errno or 0)}", errno=error.errno or 0
        ) from error


def quorate() -> bool:
    """PVE's own test: /etc/pve/local keeps its write bit only with quorum."""
    try:
        return bool(os.lstat(str(paths.LOCAL_LINK)).st_mode & stat.S_IWUSR)
    except OSError:
        return False


def check_quorum(errno_hint: int = 0) -> None:
    if not quorate():
        raise ApiError(500, "cluster not ready - no quorum?", errno=errno_hint)


@contextmanager
def cfs_lock(name: str, timeout: int = 10, what: str = "") -> Iterator[None]:
    """Hold a cluster wide lock (a directory only one node can make).

    `name` like 'file-storage_cfg'. `what` prefixes the error text, e.g. 'create storage failed: '.
    """
    if not paths.LOCK_DIR.is_dir():
        try:
            os.mkdir(str(paths.LOCK_DIR))
        except OSError as error:
            raise ApiError(500, f"{what}pve cluster filesystem not online.", errno=error.errno or 0) from error
    lock = paths.LOCK_DIR / name
    _acquire(lock, name, timeout, what)
    try:
        yield
    finally:
        try:
            os.rmdir(str(lock))
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EACCES):
                raise


def _acquire(lock: Path, name: str, timeout: int, what: str) -> None:
    for remaining in range(timeout, 0, -1):
        try:
            os.mkdir(str(lock))
            return
        except OSError as error:
            code = error.errno or 0
        if remaining > 1:
            print(f"trying to acquire cfs lock '{name}' ...", file=sys.stderr, flush=True)
            _request_unlock(lock)
        time.sleep(LOCK_PAUSE)
    reason = "got lock request timeout" if quorate() else "no quorum!"
    raise ApiError(500, f"{what}cfs-lock '{name}' error: {reason}", errno=code if not quorate() else 0)


def _request_unlock(lock: Path) -> None:
    """Ask the file system to drop the lock if its owner has been gone for two minutes."""
    try:
        os.utime(str(lock), (0, 0))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EACCES):
            raise


def nodename() -> str:
    return os.uname().nodename.split(".")[0]


def members() -> dict[str, object]:
    """The parsed /etc/pve/.members."""
    import json

    return dict(json.loads(cfs_read(".members") or "{}"))


def node_list() -> dict[str, dict[str, object]]:
    """Nodes by name as pmxcfs knows them: id, online, ip; a standalone node has only itself."""
    found = members().get("nodelist")
    if isinstance(found, dict):
        return found
    name = nodename()
    return {name: {"id": 0, "online": 1, "ip": resolve(name)}}


def node_ip(name: str) -> str:
    """Address of a cluster node: from the member list, else from name resolution."""
    entry = node_list().get(name) or {}
    return str(entry.get("ip") or resolve(name))


def resolve(name: str) -> str:
    """Address of a host name, with PVE's error texts (loopback is no answer)."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise ApiError(
            500,
            f"hostname lookup '{name}' failed - failed to get address info for: {name}: {error.strerror}",
            errno=errno.EAGAIN,
        ) from error
    for entry in found:
        address = str(entry[4][0])
        if not address.startswith("127.") and address != "::1":
            return address
    raise ApiError(500, f"address lookup for '{name}' did not find any IP address", errno=errno.ENOENT)
