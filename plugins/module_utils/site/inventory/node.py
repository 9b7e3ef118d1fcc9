# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A running node in the words of the roles' variables: what an inventory says that changes nothing on it.

Whatever has its default is left out. What the variables cannot say (options that no role knows, secrets) is a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...model.cluster.cluster import ObservedCluster
from ...model.debian.release import Release, release_of
from ...model.debian.repositories import (
    MIRROR_KEYRING,
    PROXMOX_URL,
    RepositoriesObserved,
    Source,
    is_ceph,
    is_enterprise,
    is_pve,
)
from ...model.nfs.server import Export, ObservedNfsServer, as_document
from ...model.nfs.text import parse_exports
from ...model.node.host import Host
from ...model.node.proxmox_ve import ProxmoxVeObserved
from ...model.storage.storage import ObservedStorages, StorageEntry
from ...model.storage.types import TYPES
from ...model.storage.values import as_parameter, parameter_name

Variables = dict[str, Any]


def cluster_variables(observed: ObservedCluster) -> Variables:
    config = observed.config
    own = config.member(observed.host.name) if config is not None else None
    if config is None or own is None:
        return {}
    found: Variables = {
        "cluster_name": config.name,
        "cluster_links": [_network_or_address(address, observed.host) for address in own.addresses],
        "cluster_votes": own.votes if own.votes != 1 else None,
        "cluster_token_coefficient": config.token_coefficient,
    }
    if any(config.priorities.get(number, 0) for number in config.links):
        found["cluster_link_priorities"] = [config.priorities.get(number, 0) for number in config.links]
    if config.qdevice is not None:
        found["cluster_qdevice_host"] = found["cluster_qdevice_address"] = config.qdevice.host
        found["cluster_qdevice_allow_odd"] = len(config.members) % 2 == 1 or None
    return _given(found)


def _network_or_address(address: str, host: Host) -> str:
    """The network, which all nodes have in common, if it leads to exactly this address."""
    for found in host.addresses:
        if str(found.ip) == address and len(host.addresses_in(found.network)) == 1:
            return str(found.network)
    return address


def repositories_variables(observed: RepositoriesObserved) -> Variables:
    release = release_of(observed.codename)
    if release is None:
        return {}
    enabled = [source for file in observed.files for source in file.sources if source.enabled]
    pve, ceph = next(filter(is_pve, enabled), None), next(filter(is_ceph, enabled), None)
    found: Variables = {}
    if pve is not None:
        found["repositories_subscription"] = _channel(pve, release.components)
        found["repositories_enterprise_url" if is_enterprise(pve) else "repositories_proxmox_url"] = _base(pve)
        found["repositories_keyring_sha256"] = _own_key(pve, observed, release)
    if ceph is not None:
        found["ceph_release"] = ceph.paths[0].rpartition("ceph-")[2]
        found["ceph_repository"] = _channel(ceph, release.ceph_components)
        if not is_enterprise(ceph) and _base(ceph) != found.get("repositories_proxmox_url"):
            found["repositories_ceph_url"] = _base(ceph)
    usual = {"repositories_proxmox_url": PROXMOX_URL, "repositories_enterprise_url": "https://enterprise.proxmox.com"}
    return _given({key: value for key, value in found.items() if usual.get(key) != value})


def _channel(source: Source, components: Mapping[str, str]) -> Optional[str]:
    return next((channel for channel, name in components.items() if name in source.components), None)


def _base(source: Source) -> str:
    return source.uris[0].rstrip("/").rpartition("/debian/")[0] or source.uris[0].rstrip("/").rpartition("/debian")[0]


def _own_key(source: Source, observed: RepositoriesObserved, release: Release) -> Optional[str]:
    """The digest of a key that is not upstream's."""
    path = MIRROR_KEYRING if source.signed_by == MIRROR_KEYRING else release.keyring_path
    digest = observed.keyrings.get(path)
    return None if digest == release.keyring_sha256 else digest


def proxmox_ve_variables(observed: ProxmoxVeObserved) -> Variables:
    return {} if observed.virtualization else {"proxmox_ve_require_virtualization": False}


def nfs_server_variables(observed: ObservedNfsServer) -> Variables:
    exports = tuple(_as_found(export, observed) for export in parse_exports(observed.declared or ""))
    if not exports:
        return {}
    hosts = {client.host for export in exports for client in export.clients}
    options = {option for export in exports for client in export.clients for option in client.options}
    found = {
        "nfs_server_exports": as_document(exports),
        "nfs_server_allow_any_client": bool(hosts & {"*", "0.0.0.0/0", "::/0"}) or None,
        "nfs_server_allow_insecure_ports": "insecure" in options or None,
        "nfs_server_allow_world_writable": any(export.mode & 0o002 for export in exports) or None,
    }
    return _given(found)


def _as_found(export: Export, observed: ObservedNfsServer) -> Export:
    directory = observed.directories.get(export.path)
    if directory is None:
        return export
    return Export(export.path, export.clients, directory.owner, directory.group, directory.mode)


def storage_variables(observed: ObservedStorages) -> Variables:
    definitions = [
        _definition(name, entry) for name, entry in observed.entries.items() if entry.type in TYPES and name != "local"
    ]
    return {"storage_definitions": definitions} if definitions else {}


def _definition(name: str, entry: StorageEntry) -> dict[str, Any]:
    known = {key: value for key, value in entry.options.items() if key in TYPES[entry.type].options}
    return {
        "id": name,
        "type": entry.type,
        **{parameter_name(key): as_parameter(key, value) for key, value in sorted(known.items())},
    }


def storage_notes(observed: ObservedStorages) -> Iterator[str]:
    for name, entry in observed.entries.items():
        if entry.type not in TYPES:
            yield f"The storage {name} is of the type {entry.type}, which no role manages; it is left alone."
            continue
        unknown = sorted(set(entry.options) - TYPES[entry.type].options)
        if unknown:
            yield f"The storage {name} has options that no role manages: {', '.join(unknown)}."


def nfs_server_notes(observed: ObservedNfsServer) -> Iterator[str]:
    for path, exported in observed.foreign.items():
        if exported:
            yield f"{path} exports {', '.join(one.path for one in exported)}, which no role manages; it is left alone."


def _given(found: Mapping[str, Any]) -> Variables:
    return {key: value for key, value in found.items() if value is not None}
