"""Adding, changing and removing storages: configuration, key files and the first activation together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.storage import config
from pve_standin.storage.backend import Backend, backend
from pve_standin.storage.config import Storage
from pve_standin.storage.types import STORAGE_TYPES

Result = dict[str, Any]

_BASE_ERROR = "can't remove storage - storage is used as base of another storage"


def create(name: str, kind: str, given: Mapping[str, Any]) -> Result:
    options, secret = _without_secret(kind, given)
    storage = config.check_create(name, kind, options)
    with config.locked("create storage") as current:
        if name in current.storages:
            raise ApiError(500, f"storage ID '{name}' already defined")
        added = backend(name, config.completed(storage))
        added.on_add(secret)
        try:
            if enabled_here(storage):
                added.activate()
        except ApiError:
            added.on_delete()
            raise
        current.storages[name] = storage
        config.write(current)
    return {"storage": name, "type": kind}


def update(name: str, given: Mapping[str, Any], delete: Sequence[str], digest: str | None) -> Result:
    with config.locked("update storage") as current:
        if digest and digest != current.digest:
            raise ApiError(500, "detected modified configuration - file changed by other user? Try again.")
        storage = current.get(name)
        options, secret = _without_secret(storage["type"], given)
        changed = config.check_update(storage, options, delete)
        backend(name, changed).on_update(secret)
        current.storages[name] = changed
        config.write(current)
    return {"storage": name, "type": changed["type"]}


def delete(name: str) -> None:
    with config.locked("delete storage") as current:
        storage = current.get(name)
        if any(str(other.get("base", "")).startswith(f"{name}:") for other in current.storages.values()):
            raise ApiError(500, _BASE_ERROR)
        backend(name, storage).on_delete()
        del current.storages[name]
        config.write(current)


def _without_secret(kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The options for storage.cfg, and the one that must not stand there."""
    sensitive = STORAGE_TYPES[kind].sensitive
    secret = next((str(given[key]) for key in sorted(sensitive) if given.get(key) is not None), None)
    return {key: value for key, value in given.items() if key not in sensitive}, secret


def enabled_here(storage: Storage) -> bool:
    """Not disabled, and meant for this node."""
    nodes = storage.get("nodes")
    return not storage.get("disable") and (not nodes or cfs.nodename() in nodes)


def usable(name: str) -> Backend:
    """The backend of a storage that may be used on this node."""
    storage = config.read().get(name)
    if storage.get("disable"):
        raise ApiError(500, f"storage '{name}' is disabled")
    if not enabled_here(storage):
        raise ApiError(500, f"storage '{name}' is not available on node '{cfs.nodename()}'")
    return backend(name, storage)
