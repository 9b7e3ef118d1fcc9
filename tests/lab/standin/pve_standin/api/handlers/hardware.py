"""/nodes/{node}/hardware and /cluster/mapping: PCI devices and their names for the cluster."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core.errors import ApiError
from pve_standin.guest import mapping, pci

PCI = "/cluster/mapping/pci"


@method("GET", "/nodes/{node}/hardware")
def index(call: Call) -> list[dict[str, str]]:
    return [{"type": "pci"}]


@method("GET", "/nodes/{node}/hardware/pci", protected=True)
def list_pci(call: Call) -> list[dict[str, Any]]:
    devices = pci.listing(call.params.get("pci-class-blacklist", pci.DEFAULT_HIDDEN))
    if call.params.get("verbose", 1):
        return devices
    return [{"id": device["id"]} for device in devices]


@method("GET", "/cluster/mapping")
def mapping_index(call: Call) -> list[dict[str, str]]:
    return [{"name": "pci"}]


@method("GET", PCI)
def list_mappings(call: Call) -> list[dict[str, Any]]:
    node = call.params.get("check-node")
    rows = []
    for name, entry in mapping.read().items():
        row = {"id": name, "type": "pci", "digest": mapping.digest(), **entry}
        if node:
            row["checks"] = mapping.checks(entry, node)
        rows.append(row)
    return rows


@method("GET", PCI + "/{id}")
def read_mapping(call: Call) -> dict[str, Any]:
    return {"type": "pci", "digest": mapping.digest(), **mapping.get(call.params["id"])}


@method("POST", PCI, protected=True)
def add_mapping(call: Call) -> None:
    name = call.params["id"]
    with mapping.changed() as mappings:
        if name in mappings:
            raise ApiError(500, f"pci mapping '{name}' already defined")
        mappings[name] = {key: value for key, value in call.params.items() if key != "id"}


@method("PUT", PCI + "/{id}", protected=True)
def update_mapping(call: Call) -> None:
    name = call.params["id"]
    with mapping.changed() as mappings:
        if name not in mappings:
            raise ApiError(500, f"no such pci mapping '{name}'")
        entry = mappings[name]
        entry.update({key: value for key, value in call.params.items() if key not in ("id", "delete", "digest")})
        for key in split_list(call.params.get("delete", "")):
            entry.pop(key, None)


@method("DELETE", PCI + "/{id}", protected=True)
def remove_mapping(call: Call) -> None:
    with mapping.changed() as mappings:
        mappings.pop(call.params["id"], None)
