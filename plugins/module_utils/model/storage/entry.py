# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The entries of storage.cfg, read as Proxmox VE reads them: PVE::Storage::Plugin, and ``check_config`` of its types.

Upstream goes on where it does not understand: a value that it does not accept is as good as not there, and a section
that then lacks something is no storage, though it still hides an earlier one of its name. But whoever changes any
storage writes the whole file, and that it refuses as long as there is such a section.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..cluster.section_config import Section, read_sections, split_list
from .cfg import Options, canonical
from .formats import takes
from .options import OPTIONS
from .types import OTHER_SHARED, TYPES, StorageType

#: Proxmox VE adds this one by itself whenever it is missing, or is not what it has to be.
LOCAL = "local"
LOCAL_PATH = "/var/lib/vz"
ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]")
#: What Proxmox VE accepts for the directory of a type that checks it: nothing that a shell or a list would take apart.
PLAIN_PATH = re.compile(r"/[-/a-zA-Z0-9_.@]+")


@dataclass(frozen=True)
class StorageEntry:
    """A storage. Of a type that is not in the table of types, everything is kept that stands there."""

    type: str
    options: Options

    @property
    def shared(self) -> bool:
        """Network types are shared by themselves; others only when somebody has said so."""
        by_itself = TYPES[self.type].shared if self.type in TYPES else self.type in OTHER_SHARED
        return by_itself or self.options.get("shared") == "1"

    @property
    def disabled(self) -> bool:
        return "disable" in self.options

    @property
    def nodes(self) -> Optional[frozenset[str]]:
        """The nodes to which it is limited; None when all have it."""
        found = self.options.get("nodes")
        return None if found is None else frozenset(found)

    def is_on(self, node: str) -> bool:
        return self.nodes is None or node in self.nodes


IMPLICIT_LOCAL = StorageEntry(
    "dir",
    {"path": LOCAL_PATH, "content": frozenset(("backup", "images", "iso", "rootdir", "snippets", "vztmpl"))},
)


@dataclass(frozen=True)
class StorageFile:
    """``unreadable``: section → why Proxmox VE takes it for no storage."""

    entries: Mapping[str, StorageEntry] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


class _Unusable(Exception):
    """Why a section is no storage."""


def parse_storages(text: str) -> StorageFile:
    """The last section of a name counts, of lines in it the first one that is accepted.

    A section of a type that is not in the table is passed over where there is another one of its name.
    """
    entries: dict[str, StorageEntry] = {}
    unreadable: dict[str, str] = {}
    for section in read_sections(text):
        kind = section.type.lower()
        if not ID.fullmatch(section.name) or kind not in TYPES and {section.name} & {*entries, *unreadable}:
            continue
        entries.pop(section.name, None)
        unreadable.pop(section.name, None)
        try:
            entries[section.name] = _entry(section, kind)
        except _Unusable as reason:
            unreadable[section.name] = str(reason)
    unreadable.pop(LOCAL, None)
    return StorageFile({LOCAL: _local(entries.pop(LOCAL, None)), **entries}, unreadable)


def _local(found: Optional[StorageEntry]) -> StorageEntry:
    """All nodes have it, and each at the same place."""
    if found is None or found.type != "dir" or found.options["path"] != LOCAL_PATH:
        return IMPLICIT_LOCAL
    return StorageEntry(found.type, {key: value for key, value in found.options.items() if key != "nodes"})


def _entry(section: Section, kind: str) -> StorageEntry:
    known = TYPES.get(kind)
    texts = _accepted(section, known)
    if known is None:
        return StorageEntry(kind, canonical(texts))
    if known.mounted:
        texts.setdefault("path", f"/mnt/pve/{section.name}")
    _check(texts, known)
    content = _content(texts, known)
    dirs = [word for word in split_list(texts.pop("content-dirs", "")) if word.partition("=")[0] in known.contents]
    options = canonical({**texts, "content-dirs": ",".join(dirs)})
    if "nodes" in texts:
        options["nodes"] = frozenset(split_list(texts["nodes"]))
    return StorageEntry(kind, {**options, "content": content})


def _accepted(section: Section, known: Optional[StorageType]) -> dict[str, str]:
    """The properties that count. One that is in no table may be of another release; it is kept, and named to people."""
    found: dict[str, str] = {}
    for key, value in section.properties:
        option = OPTIONS.get(key)
        flag = option is not None and option.kind == "flag"
        text = "1" if value is None and flag else value
        if key == "type" or key in found or known is not None and key in known.secrets:
            continue
        if option is None:
            found[key] = text or ""
        elif text is not None and (known is None or key in known.options) and takes(option, text):
            found[key] = text
    if known is not None and "format" in found and found["format"] not in known.formats:
        del found["format"]
    return found


def _check(texts: Mapping[str, str], known: StorageType) -> None:
    if known.plain_path and not PLAIN_PATH.fullmatch(texts.get("path", LOCAL_PATH)):
        raise _Unusable(f"{texts['path']} is no path for this type")
    missing = sorted(known.required - set(texts))
    if missing:
        raise _Unusable(f"there is no {' and no '.join(missing)} that it accepts")


def _content(texts: Mapping[str, str], known: StorageType) -> frozenset[str]:
    """Nothing at all is ``none``."""
    if "content" not in texts:
        return known.default_content
    found = frozenset(split_list(texts["content"])) & known.contents
    if "none" in found and len(found) > 1:
        raise _Unusable("its content is none and something else")
    if not found and "none" not in known.contents:
        raise _Unusable("it can hold nothing of its content")
    return found or frozenset(("none",))
