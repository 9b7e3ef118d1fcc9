"""storage.cfg: reading, checking and writing it the way Proxmox VE does.

In memory a storage is a plain dictionary of its options plus 'type'; `content` and `nodes` are lists.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.storage.types import BOOLEANS, INTEGERS, STORAGE_TYPES, StorageType

FILE = "storage.cfg"
LISTS = ("content", "nodes")
LOCAL: Mapping[str, Any] = {
    "type": "dir",
    "path": "/var/lib/vz",
    "priority": 0,
    "prune-backups": "keep-all=1",
    "content": ["backup", "images", "iso", "rootdir", "snippets", "vztmpl"],
}

Storage = dict[str, Any]


@dataclass
class StorageConfig:
    """All storages by name, in the order of the file, and the digest of the text they were read from."""

    storages: dict[str, Storage] = field(default_factory=dict)
    digest: str = ""

    def get(self, name: str) -> Storage:
        if name not in self.storages:
            raise ApiError(500, f"storage '{name}' does not exist")
        return self.storages[name]


def read() -> StorageConfig:
    return parse(cfs.cfs_read(FILE) or "")


def write(config: StorageConfig) -> None:
    cfs.cfs_write(FILE, dump(config))


@contextmanager
def locked(what: str) -> Iterator[StorageConfig]:
    """Change storage.cfg under the cluster wide lock; every error inside starts with `what` ('create storage')."""
    prefix = f"{what} failed: "
    with cfs.cfs_lock("file-storage_cfg", what=prefix):
        try:
            yield read()
        except ApiError as error:
            raise ApiError(error.code, prefix + error.message, error.errors, error.errno) from error


def parse(text: str) -> StorageConfig:
    config = StorageConfig(digest=hashlib.sha1(text.encode()).hexdigest())
    for section in _sections(text):
        kind, _, name = section[0].partition(":")
        if kind.strip() in STORAGE_TYPES:
            config.storages[name.strip()] = _parse_options(kind.strip(), section[1:])
    _add_local(config)
    for storage in config.storages.values():
        _add_defaults(storage)
    return config


def _sections(text: str) -> list[list[str]]:
    """The lines of each section, header first, comments dropped."""
    sections: list[list[str]] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            if sections:
                sections[-1].append(line)
        else:
            sections.append([line])
    return sections


def _parse_options(kind: str, lines: Sequence[str]) -> Storage:
    storage: Storage = {"type": kind}
    for line in lines:
        key, _, value = line.strip().partition(" ")
        storage[key] = _typed(key, value.strip())
    return storage


def _typed(key: str, value: str) -> Any:
    if key in LISTS:
        return [word for word in value.replace(",", " ").split() if word]
    if key in BOOLEANS:
        return 1 if value in ("", "1", "yes", "on", "true") else 0
    if key in INTEGERS:
        return int(value)
    return value


def _add_local(config: StorageConfig) -> None:
    """There is always a storage 'local' at /var/lib/vz, on every node."""
    local = config.storages.get("local")
    if local is None or local["type"] != "dir" or local.get("path") not in (None, LOCAL["path"]):
        config.storages["local"] = {**LOCAL, "content": list(LOCAL["content"])}
        return
    local["path"] = LOCAL["path"]
    local.pop("nodes", None)


def _add_defaults(storage: Storage) -> None:
    kind = STORAGE_TYPES[storage["type"]]
    if not storage.get("content"):
        storage["content"] = list(kind.default_content)
    if kind.shared:
        storage["shared"] = 1


def completed(storage: Storage) -> Storage:
    """A copy with the defaults that reading the file back would add."""
    copy = dict(storage)
    _add_defaults(copy)
    return copy


def dump(config: StorageConfig) -> str:
    return "".join(
        f"{storage['type']}: {name}\n{_dump_options(storage)}\n" for name, storage in config.storages.items()
    )


def _dump_options(storage: Storage) -> str:
    """`disable` first, then the required options, then the rest, each group by alphabet."""
    kind = STORAGE_TYPES[storage["type"]]
    keys = ["disable"] + sorted(kind.required) + sorted(kind.options - kind.required - {"disable"})
    return "".join(_dump_option(key, storage[key]) for key in keys if key in storage)


def _dump_option(key: str, value: Any) -> str:
    if key == "disable":
        return "\tdisable\n" if value else ""
    if key in LISTS:
        return f"\t{key} {any_order(value)}\n"
    return f"\t{key} {value}\n"


def any_order(words: Sequence[str]) -> str:
    """A list as text. Proxmox VE keeps it in a Perl hash, so its order changes from call to call; so does ours."""
    return ",".join(random.sample(list(words), len(words)))


def check_create(name: str, kind_name: str, given: Mapping[str, Any]) -> Storage:
    """The checked options of a new storage."""
    kind = STORAGE_TYPES[kind_name]
    options = dict(given)
    if "path" in kind.required and kind_name in ("nfs", "cifs", "cephfs"):
        options.setdefault("path", f"/mnt/pve/{name}")
    storage = {"type": kind_name, **_checked(kind, options)}
    for key in sorted(kind.required):
        if key not in storage:
            raise ApiError(500, f"missing value for required option '{key}'")
    return storage


def check_update(storage: Storage, given: Mapping[str, Any], delete: Sequence[str]) -> Storage:
    """The storage after a change."""
    kind = STORAGE_TYPES[storage["type"]]
    for key in sorted(given):
        if key in kind.fixed:
            raise ApiError(500, f"can't change value of fixed parameter '{key}'")
    changed = {**storage, **_checked(kind, given)}
    for key in delete:
        _check_delete(kind, key, given)
        changed.pop(key, None)
    return changed


def _check_delete(kind: StorageType, key: str, given: Mapping[str, Any]) -> None:
    if key not in kind.options:
        raise ApiError(500, f"no such option '{key}'")
    if key in kind.required:
        raise ApiError(500, f"unable to delete required option '{key}'")
    if key in kind.fixed:
        raise ApiError(500, f"unable to delete fixed option '{key}'")
    if key in given:
        raise ApiError(500, f"cannot set and delete property '{key}' at the same time!")


def _checked(kind: StorageType, given: Mapping[str, Any]) -> Storage:
    checked: Storage = {}
    for key in sorted(given):
        if key not in kind.options:
            raise ApiError(500, f"unexpected property '{key}'")
        value = given[key]
        checked[key] = _typed(key, _text(value))
    _check_content(kind, checked.get("content"))
    return checked


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _check_content(kind: StorageType, content: Sequence[str] | None) -> None:
    for word in content or ():
        if word not in kind.contents:
            raise ApiError(500, f"storage does not support content type '{word}'")
    if content and "none" in content and len(content) > 1:
        raise ApiError(500, "unable to combine 'none' with other content types")


def api_view(name: str, storage: Storage, digest: str | None = None) -> dict[str, Any]:
    """A storage as the API shows its configuration."""
    shown = {key: any_order(value) if key in LISTS else value for key, value in storage.items()}
    shown["storage"] = name
    if digest is not None:
        shown["digest"] = digest
    return shown
