# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One inventory of what all nodes of a site say of themselves, each in the words of the roles' variables.

What only all nodes together can tell is decided here: which storage of the cluster is an export of which node.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, Optional, TypedDict

from ...engine.errors import Invalid
from ...model.node.paths import canonical_path
from ..storage.exports import DEFAULT_OPTIONS, address_for, storage_of

EXPORTS, DEFINITIONS, VERSIONS = "nfs_server_exports", "storage_definitions", "nfs_server_versions"
#: What an export says of its storage, besides where it is.
_SAID = ("id", "content", "nodes")
Variables = Mapping[str, Any]


class Told(TypedDict):
    """What ``node_variables_info`` returned on one node. ``names`` and ``addresses``: by which others reach it."""

    node: str
    names: Sequence[str]
    addresses: Sequence[str]
    variables: Variables


def inventory_document(told: Sequence[Told], cluster: Optional[Variables] = None) -> dict[str, Any]:
    """The group ``proxmox`` with its hosts, named as they name themselves; what all have in common is said once.

    ``cluster``: variables of what the cluster alone tells.
    """
    names = [one["node"] for one in told]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"{names.count(name)} hosts call themselves {name}.", "Ask each node under one address only.")
    hosts = dict(zip(names, _with_storages_at_exports(told)))
    said = {name: None for variables in hosts.values() for name in variables}  # in the order of the nodes' answers
    common = {name: next(iter(hosts.values()))[name] for name in said if _is_common(name, hosts)}
    return {
        "proxmox": {
            "hosts": {host: _others(one, common) for host, one in hosts.items()},
            "vars": {**common, **(cluster or {})},
        }
    }


def _others(variables: Variables, common: Variables) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if name not in common}


def _is_common(name: str, hosts: Mapping[str, Variables]) -> bool:
    values = [variables[name] for variables in hosts.values() if name in variables]
    return len(values) == len(hosts) and all(value == values[0] for value in values)


def _with_storages_at_exports(told: Sequence[Told]) -> list[dict[str, Any]]:
    """A storage that is an export of one of these nodes stands there, and no longer among the definitions."""
    found: list[dict[str, Any]] = []
    placed: set[str] = set()
    for one in told:
        variables = dict(one["variables"])
        if EXPORTS in variables:
            variables[EXPORTS] = [_with_storage(export, one) for export in variables[EXPORTS]]
            placed.update(export["storage"]["id"] for export in variables[EXPORTS] if "storage" in export)
        found.append(variables)
    return [_without(variables, placed) for variables in found]


def _without(variables: dict[str, Any], placed: set[str]) -> dict[str, Any]:
    left = [one for one in variables.get(DEFINITIONS, ()) if one["id"] not in placed]
    others = {name: value for name, value in variables.items() if name != DEFINITIONS}
    return {**others, DEFINITIONS: left} if left else others


def _with_storage(export: Mapping[str, Any], told: Told) -> dict[str, Any]:
    versions = told["variables"].get(VERSIONS)
    if versions is None or "3" in versions:  # a storage at an export needs it: Proxmox VE lists exports with showmount
        for definition in told["variables"].get(DEFINITIONS, ()):
            storage = _as_storage(definition, export, told)
            if storage is not None:
                return {**export, "storage": storage}
    return dict(export)


def _as_storage(definition: Variables, export: Mapping[str, Any], told: Told) -> Optional[dict[str, Any]]:
    """What the export says of this storage; None when it is another one, or more than an export can say."""
    if definition["type"] != "nfs" or not _is_at(definition, export, told) or "content" not in definition:
        return None
    storage = {name: definition[name] for name in _SAID if name in definition}
    derived = address_for([client["host"] for client in export["clients"]], told["addresses"])
    if definition["server"] != derived:
        storage["server"] = definition["server"]
    if definition.get("options", "") != DEFAULT_OPTIONS:
        storage["options"] = definition.get("options", "")
    made = {key: value for key, value in storage_of(export, storage, definition["server"]).items() if value != ""}
    usual = {"path": f"/mnt/pve/{definition['id']}", **made}
    return storage if usual == {"path": usual["path"], **definition} else None


def _is_at(definition: Variables, export: Mapping[str, Any], told: Told) -> bool:
    own = {name.lower() for name in told["names"]} | {str(ipaddress.ip_interface(one).ip) for one in told["addresses"]}
    return _spelled(definition["server"]) in own and definition["export"] == canonical_path(export["path"])


def _spelled(server: str) -> str:
    try:
        return str(ipaddress.ip_address(server))
    except ValueError:
        return server.lower().rstrip(".")
