"""The state of all storages on this node, as `pvesm status`, the API and the cluster's resource list show it."""

from __future__ import annotations

import sys
import time
from typing import Any

from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.storage import config, manage
from pve_standin.storage.backend import backend
from pve_standin.storage.config import Storage
from pve_standin.storage.trees import Usage

PUBLISHED_KEY = "storage"


def status(name: str, storage: Storage, *, quiet: bool = False) -> dict[str, Any]:
    """One storage. It is activated first; what fails becomes a warning and the storage is inactive."""
    enabled = manage.enabled_here(storage)
    usage = _usage(name, storage, quiet) if enabled else None
    view: dict[str, Any] = {
        "active": 1 if usage else 0,
        "avail": usage.avail if usage else 0,
        "content": config.any_order(storage["content"]),
        "enabled": 1 if enabled else 0,
        "shared": 1 if storage.get("shared") else 0,
        "storage": name,
        "total": usage.total if usage else 0,
        "type": storage["type"],
        "used": usage.used if usage else 0,
    }
    if usage and usage.total:
        view["used_fraction"] = usage.used / usage.total or 0
    return view


def _usage(name: str, storage: Storage, quiet: bool) -> Usage | None:
    chosen = backend(name, storage)
    try:
        chosen.activate()
        return chosen.usage()
    except ApiError as error:
        reason = error.text()
    except OSError as error:
        reason = error.strerror or str(error)
    if not quiet:
        print(reason, file=sys.stderr, flush=True)
    return None


def listing(
    *, storage: str | None = None, content: str | None = None, enabled: bool = False, target: str | None = None
) -> list[dict[str, Any]]:
    storages = config.read().storages
    if storage is not None and storage not in storages:
        raise parameter_error({"storage": "No such storage."})
    found = []
    for name, settings in storages.items():
        if storage is not None and name != storage:
            continue
        if content and not set(content.replace(",", " ").split()) & set(settings["content"]):
            continue
        if enabled and not manage.enabled_here(settings):
            continue
        if target and settings.get("nodes") and target not in settings["nodes"]:
            continue
        found.append(status(name, settings))
    return found


def measure() -> dict[str, dict[str, Any]]:
    """What pvestatd publishes: the state of every storage enabled on this node."""
    storages = config.read().storages
    now = int(time.time())
    return {
        name: {**status(name, entry, quiet=True), "time": now}
        for name, entry in storages.items()
        if manage.enabled_here(entry)
    }


def resource_rows(published: dict[str, dict[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The 'storage' rows of /cluster/resources from what the nodes published."""
    rows = []
    for node, storages in published.items():
        for name, view in storages.items():
            rows.append(
                {
                    "content": view["content"],
                    "disk": view["used"],
                    "id": f"storage/{node}/{name}",
                    "maxdisk": view["total"],
                    "node": node,
                    "plugintype": view["type"],
                    "shared": view["shared"],
                    "status": "available" if view["active"] else "unknown",
                    "storage": name,
                    "type": "storage",
                }
            )
    return rows
