# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An image for guests: a file of known content that a storage holds, and what a node remembers of having checked it.

The record of an image is what ``sha256sum --check`` reads, with the size and time that the file had then in front. As
long as the file has both, it need not be read again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from ..node.state import OLD_STATE, STATE
from .cfg import shown
from .entry import StorageEntry
from .types import TYPES

RECORDS = f"{STATE}/images"
OLD_RECORDS = f"{OLD_STATE}/images"
ImageContent = Literal["import", "iso", "vztmpl"]
#: Content → its directory in a storage, and how names of files end there.
FOLDERS: Mapping[ImageContent, str] = {"import": "import", "iso": "template/iso", "vztmpl": "template/cache"}
ENDINGS: Mapping[ImageContent, tuple[str, ...]] = {
    "import": (".ova", ".qcow2", ".raw", ".vmdk"),
    "iso": (".img", ".iso"),
    "vztmpl": (".tar.gz", ".tar.xz", ".tar.zst"),
}
#: Types of storages that hold files.
FILE_TYPES = frozenset(name for name, known in TYPES.items() if known.files)
#: Prints size, time of change and path of files; ended soon, as a server that has gone would keep it waiting.
STAT = ("timeout", "--signal=KILL", "10", "stat", "--dereference", "--printf=%s %Y %n\\n", "--")
_RECORD = re.compile(r"# (\d+) (\d+)\n([0-9a-f]+)  (.+)\n")


@dataclass(frozen=True)
class Image:
    """``checksum`` in hexadecimal digits, by ``algorithm`` (sha256 or sha512)."""

    storage: str
    content: ImageContent
    filename: str
    url: str
    algorithm: str
    checksum: str
    verify_certificates: bool = True

    @property
    def volume(self) -> str:
        return f"{self.storage}:{self.content}/{self.filename}"

    @property
    def record(self) -> str:
        return f"{RECORDS}/{self.storage}_{self.content}_{self.filename}.{self.algorithm}"


@dataclass(frozen=True)
class DesiredImages:
    """Desired state. ``nodes`` in the order in which they are asked to download. ``download``: false only looks."""

    images: tuple[Image, ...]
    nodes: tuple[str, ...] = ()
    download: bool = True


@dataclass(frozen=True)
class Stat:
    size: int
    changed: int


@dataclass(frozen=True)
class ObservedImages:
    """``found``: path → the file there, as far as it was asked for. ``records``: path of a record → its text.

    ``misplaced``: records lie where they were kept before; ``records`` has them where they belong.
    """

    node: str
    entries: Mapping[str, StorageEntry]
    found: Mapping[str, Stat] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    misplaced: bool = False


def image_path(image: Image, entry: Optional[StorageEntry]) -> Optional[str]:
    """Where a storage keeps the image, or will once it is defined; None when it keeps no files."""
    if entry is None:
        return f"/mnt/pve/{image.storage}/{FOLDERS[image.content]}/{image.filename}"
    folder = folder_in(entry, image.content)
    return None if folder is None else f"{folder}/{image.filename}"


def folder_in(entry: StorageEntry, content: ImageContent) -> Optional[str]:
    """Where a storage keeps such images; None when it keeps no files."""
    base = shown(entry.options.get("path", ""))
    if entry.type not in FILE_TYPES or not base:
        return None
    own = dict(pair.split("=", 1) for pair in entry.options.get("content-dirs", ()) if "=" in pair)
    return f"{base.rstrip('/')}/{own.get(content, FOLDERS[content]).strip('/')}"


def render_record(image: Image, path: str, found: Stat) -> str:
    return f"# {found.size} {found.changed}\n{image.checksum}  {path}\n"


def recorded_path(text: str) -> Optional[str]:
    """The file that a record is about; None when it is no record."""
    match = _RECORD.fullmatch(text)
    return None if match is None else match.group(4)
