"""Type nfs: the server is asked whether it is there; files are reached by a user-space client.

Stand-in: the kernel of the lab's machines has no NFS client, so nothing is mounted at /mnt/pve/<storage>. The storage
counts as active when the server answers and libnfs can read the export, and volumes live on the server as they would.
"""

from __future__ import annotations

import errno
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.storage.directory import FileBackend
from pve_standin.storage.libnfs import NfsTree
from pve_standin.storage.trees import Tree, Usage

TIMEOUT = 10
NFS_PORT = 2049


class NfsBackend(FileBackend):
    """An export of an NFS server."""

    @property
    def server(self) -> str:
        return str(self.storage["server"])

    @property
    def version(self) -> int:
        match = re.search(r"(?:^|,)(?:nfs)?vers=(\d)", str(self.storage.get("options", "")))
        return int(match.group(1)) if match else 3

    def online(self) -> bool:
        return tcp_answers(self.server) if self.version == 4 else exports(self.server) is not None

    @contextmanager
    def tree(self) -> Iterator[Tree]:
        try:
            tree = NfsTree(self.server, self.storage["export"], self.version)
        except OSError as error:
            raise ApiError(500, f"mount error: {error.strerror}", errno=32) from error
        try:
            yield tree
        finally:
            tree.close()

    def activate(self) -> None:
        if not self.online():
            raise ApiError(500, f"storage '{self.name}' is not online", errno=errno.EPERM)
        Path(self.storage["path"]).mkdir(parents=True, exist_ok=True)
        self.make_folders()

    def usage(self) -> Usage | None:
        if not self.online():
            return None
        with self.tree() as tree:
            return tree.usage()


def tcp_answers(server: str) -> bool:
    try:
        with socket.create_connection((server, NFS_PORT), timeout=TIMEOUT):
            return True
    except OSError:
        return False


def exports(server: str) -> list[str] | None:
    """The lines of the server's export list ('path clients'), None when it does not answer."""
    try:
        result = run(["/sbin/showmount", "--no-headers", "--exports", server], timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return None
    return result.stdout.splitlines() if result.returncode == 0 else None
