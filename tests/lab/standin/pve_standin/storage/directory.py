"""Storages of files: type dir, and what nfs and cephfs share with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pve_standin.core.errors import ApiError
from pve_standin.storage.backend import Backend
from pve_standin.storage.trees import LocalTree, Tree, Usage
from pve_standin.storage.volumes import (
    FOLDERS,
    PROTECTED,
    Volume,
    file_volume,
    image_volume,
    next_disk_name,
    relative_path,
)


class FileBackend(Backend):
    """Volumes are files in a tree; subclasses say how to reach the tree."""

    @contextmanager
    def tree(self) -> Iterator[Tree]:
        """The tree, while it is open; for a kind of tree that must be closed a subclass does so."""
        raise NotImplementedError

    def make_folders(self) -> None:
        """The folders of the content types this storage holds."""
        if not (self.storage.get("mkdir", 1) and self.storage.get("create-subdirs", 1)):
            return
        with self.tree() as tree:
            for content in self.storage["content"]:
                if content in FOLDERS:
                    tree.make_folder(self._folder(content))

    def _folder(self, content: str) -> str:
        overrides = dict(
            pair.split("=", 1) for pair in str(self.storage.get("content-dirs", "")).split(",") if "=" in pair
        )
        return overrides.get(content, FOLDERS[content])

    def volumes(self) -> list[Volume]:
        found: list[Volume] = []
        with self.tree() as tree:
            for content in sorted(self.storage["content"]):
                if content == "images":
                    found += self._images(tree)
                elif content in FOLDERS and content != "rootdir":
                    found += self._files(tree, content)
        return found

    def _images(self, tree: Tree) -> list[Volume]:
        found = []
        for folder in tree.entries(FOLDERS["images"]):
            for entry in tree.entries(f"{FOLDERS['images']}/{folder.name}") if folder.is_directory else []:
                image = image_volume(entry.name)
                if image:
                    volid = f"{self.name}:{folder.name}/{entry.name}"
                    found.append(Volume(volid, "images", image[0], entry.size, entry.mtime, image[1]))
        return found

    def _files(self, tree: Tree, content: str) -> list[Volume]:
        found = []
        entries = tree.entries(self._folder(content))
        protected = {entry.name[: -len(PROTECTED)] for entry in entries if entry.name.endswith(PROTECTED)}
        for entry in entries:
            described = None if entry.is_directory else file_volume(content, entry.name)
            if described and not entry.name.endswith(PROTECTED):
                volid = f"{self.name}:{content}/{entry.name}"
                kept = content == "backup" and entry.name in protected
                found.append(Volume(volid, content, described[0], entry.size, entry.mtime, described[1], kept))
        return found

    def alloc(self, vmid: int, name: str | None, form: str | None, size_kib: int) -> str:
        form = form or self.storage.get("format") or self.type.default_format
        if form not in ("raw", "qcow2"):
            raise ApiError(500, f"unsupported format '{form}': the lab's nodes cannot make such images")
        folder = f"{FOLDERS['images']}/{vmid}"
        with self.tree() as tree:
            taken = [entry.name for entry in tree.entries(folder)]
            image = name or next_disk_name(taken, vmid, f".{form}")
            if image in taken:
                raise ApiError(500, f"disk image '{self.path(f'{vmid}/{image}')}' already exists")
            tree.make_folder(folder)
            tree.create(f"{folder}/{image}", size_kib * 1024)
        return f"{vmid}/{image}"

    def free(self, volume: str) -> None:
        with self.tree() as tree:
            try:
                tree.remove(relative_path(volume))
            except FileNotFoundError as error:
                raise ApiError(500, f"disk image '{self.path(volume)}' does not exist", errno=2) from error

    def path(self, volume: str) -> str:
        return f"{self.storage['path']}/{relative_path(volume)}"

    def store(self, content: str, source: Path, name: str) -> str:
        if content not in self.storage["content"]:
            raise ApiError(500, f"storage '{self.name}' does not support '{content}' content")
        if not file_volume(content, name):
            raise ApiError(500, f"wrong file extension for content type '{content}': '{name}'")
        with self.tree() as tree:
            tree.make_folder(self._folder(content))
            tree.store(source, f"{self._folder(content)}/{name}")
        return f"{self.name}:{content}/{name}"


class DirectoryBackend(FileBackend):
    """Type dir: a directory of the node."""

    @property
    def root(self) -> Path:
        return Path(self.storage["path"])

    @contextmanager
    def tree(self) -> Iterator[Tree]:
        yield LocalTree(self.root)

    def activate(self) -> None:
        self._check_mountpoint()
        if self.storage.get("mkdir", 1) and self.storage.get("create-base-path", 1):
            self.root.mkdir(parents=True, exist_ok=True)
        if not self.root.is_dir():
            raise ApiError(
                500,
                f"unable to activate storage '{self.name}' - directory '{self.root}' does not exist or is unreachable",
                errno=2,
            )
        self.make_folders()

    def _check_mountpoint(self) -> None:
        wanted = str(self.storage.get("is_mountpoint", "no"))
        if wanted in ("no", "0", "off", "false"):
            return
        place = wanted if wanted.startswith("/") else str(self.root)
        if not os.path.ismount(place):
            raise ApiError(
                500,
                f"unable to activate storage '{self.name}' - directory is expected to be a mount point"
                f" but is not mounted: '{place}'",
            )

    def usage(self) -> Usage | None:
        if not self.root.is_dir():
            return None
        return LocalTree(self.root).usage()
