"""A directory tree that holds volumes: on this node's own file systems, or behind a user-space NFS client."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """One name in a directory."""

    name: str
    size: int
    mtime: int
    is_directory: bool


@dataclass(frozen=True)
class Usage:
    """Room on a storage in bytes."""

    total: int
    used: int
    avail: int


class Tree(Protocol):
    """What a storage of files needs; all names are relative to its root."""

    def entries(self, folder: str) -> list[Entry]:
        """The names in a folder; none when it does not exist."""

    def make_folder(self, folder: str) -> None:
        """Create a folder and those above it."""

    def create(self, name: str, size: int) -> None:
        """A new sparse file."""

    def store(self, source: Path, name: str) -> None:
        """Copy a local file into the tree."""

    def remove(self, name: str) -> None:
        """Delete a file."""

    def usage(self) -> Usage:
        """Total, used and available bytes."""


class LocalTree:
    """A directory this node can reach with ordinary system calls."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entries(self, folder: str) -> list[Entry]:
        path = self.root / folder
        if not path.is_dir():
            return []
        found = []
        for item in sorted(path.iterdir()):
            status = item.stat()
            found.append(Entry(item.name, status.st_size, int(status.st_mtime), item.is_dir()))
        return found

    def make_folder(self, folder: str) -> None:
        (self.root / folder).mkdir(parents=True, exist_ok=True)

    def create(self, name: str, size: int) -> None:
        with (self.root / name).open("xb") as handle:
            handle.truncate(size)

    def store(self, source: Path, name: str) -> None:
        shutil.copyfile(str(source), str(self.root / name))

    def remove(self, name: str) -> None:
        (self.root / name).unlink()

    def usage(self) -> Usage:
        status = os.statvfs(str(self.root))
        size = status.f_frsize
        return Usage(
            total=status.f_blocks * size,
            used=(status.f_blocks - status.f_bfree) * size,
            avail=status.f_bavail * size,
        )
