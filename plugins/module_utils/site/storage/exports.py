# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storages of a cluster, some of which its own nodes serve: definitions, and what each host tells → definitions.

An export says which storage the cluster makes of it. Where the server is reached follows from the addresses of its
node and from the networks that may mount the export.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional, TypedDict

from ...engine.errors import Invalid
from ...model.node.host import IPNetwork
from ...model.storage.types import TYPES

#: How the nodes mount an export whose storage says nothing else.
DEFAULT_OPTIONS = "vers=4.2"
Definition = Mapping[str, Any]


class Told(TypedDict):
    """What a host is to export, as the role ``nfs_server`` takes it, and where it is reached.

    ``networks``: the clients of exports that name none. ``addresses`` with the length of their prefixes, as
    ``10.10.2.11/24``.
    """

    host: str
    exports: Sequence[Mapping[str, Any]]
    networks: Sequence[str]
    addresses: Sequence[str]


class SiteStorages(TypedDict):
    """``beforehand``: those of which a node can tell before they are defined whether it will be able to use them."""

    all: list[Definition]
    beforehand: list[Definition]


def site_storages(definitions: Sequence[Definition], told: Sequence[Told]) -> SiteStorages:
    """What is defined, and what the exports of all hosts ask for, in the order of hosts and exports."""
    exported = list(_exported(told))
    _refuse_names(definitions, [(host, storage) for host, storage, dummy in exported])
    problems = [problem for dummy, dummy2, problem in exported if problem]
    if problems:
        hint = "Name a network in which the node has an address among the clients, or the address as storage.server."
        raise Invalid(" ".join(problems), hint)
    served = [storage for dummy, storage, dummy2 in exported]
    local = [one for one in definitions if one["type"] in TYPES and TYPES[one["type"]].beforehand in ("group", "disks")]
    return {"all": [*definitions, *served], "beforehand": [*local, *served]}


def _exported(told: Sequence[Told]) -> Iterator[tuple[str, Definition, str]]:
    """Host, storage, and what is wrong with it, for each export that is a storage."""
    for one in told:
        for export in one["exports"]:
            storage = export.get("storage")
            if storage:
                clients = clients_of(export, one["networks"])
                server = storage.get("server") or address_for(clients, one["addresses"])
                problem = "" if server else _unreachable(one, export, clients)
                yield one["host"], storage_of(export, storage, server), problem


def storage_of(export: Mapping[str, Any], storage: Mapping[str, Any], server: Optional[str]) -> Definition:
    """The definition of the storage that an export is."""
    given = {key: value for key, value in storage.items() if value is not None}
    return {"options": DEFAULT_OPTIONS, **given, "type": "nfs", "server": server, "export": export["path"]}


def clients_of(export: Mapping[str, Any], networks: Sequence[str]) -> list[str]:
    """Who may mount the export."""
    clients = export.get("clients")
    return list(networks) if clients is None else [client["host"] for client in clients]


def address_for(clients: Sequence[str], addresses: Sequence[str]) -> Optional[str]:
    """The node's address in the first network of the clients in which it has one."""
    own = [ipaddress.ip_interface(address).ip for address in addresses]
    networks = [network for network in map(_network, clients) if network is not None]
    return next((str(address) for network in networks for address in own if address in network), None)


def _network(client: str) -> Optional[IPNetwork]:
    """A network in CIDR form; None for host names, netgroups and single addresses."""
    if "/" not in client:
        return None
    try:
        return ipaddress.ip_network(client, strict=False)
    except ValueError:
        return None


def _unreachable(told: Told, export: Mapping[str, Any], clients: Sequence[str]) -> str:
    wanted, found = ", ".join(clients) or "none", ", ".join(told["addresses"]) or "none"
    return (
        f"The nodes cannot reach {export['path']} of {told['host']}: it has no address in a network of the clients"
        f" ({wanted}; its addresses are {found})."
    )


def _refuse_names(definitions: Sequence[Definition], exported: Sequence[tuple[str, Definition]]) -> None:
    """One name for two storages, one of which an export asks for; the module tells of two definitions."""
    origins: dict[str, list[str]] = {}
    for definition in definitions:
        origins.setdefault(definition["id"], []).append("storage_definitions")
    for host, storage in exported:
        origins.setdefault(storage["id"], []).append(f"the export {storage['export']} of {host}")
    for name, places in origins.items():
        if len(places) > 1 and set(places) != {"storage_definitions"}:
            raise Invalid(
                f"The storage {name} is defined by {' and by '.join(places)}.",
                "Names of storages are unique in a cluster: give one of them another id.",
            )
