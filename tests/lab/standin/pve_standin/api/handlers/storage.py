"""/storage: the cluster's storage configuration."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.storage import config, manage


@method("GET", "/storage")
def index(call: Call) -> list[dict[str, Any]]:
    current = config.read()
    wanted = call.params.get("type")
    return [
        config.api_view(name, storage, current.digest)
        for name, storage in current.storages.items()
        if wanted in (None, storage["type"])
    ]


@method("GET", "/storage/{storage}")
def read(call: Call) -> dict[str, Any]:
    current = config.read()
    name = call.params["storage"]
    return config.api_view(name, current.get(name), current.digest)


@method("POST", "/storage", protected=True)
def create(call: Call) -> dict[str, Any]:
    given = dict(call.params)
    return manage.create(given.pop("storage"), given.pop("type"), given)


@method("PUT", "/storage/{storage}", protected=True)
def update(call: Call) -> dict[str, Any]:
    given = dict(call.params)
    name = given.pop("storage")
    digest = given.pop("digest", None)
    delete = split_list(given.pop("delete", ""))
    return manage.update(name, given, delete, digest)


@method("DELETE", "/storage/{storage}", protected=True)
def delete(call: Call) -> None:
    manage.delete(call.params["storage"])
