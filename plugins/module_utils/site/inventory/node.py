# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A running node in the words of the roles' variables: what an inventory says that changes nothing on it.

Whatever has its default is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...model.cluster.cluster import Member, ObservedCluster
from ...model.cluster.corosync_start import reasons_not_to_start
from ...model.debian.apt_sources import Source
from ...model.debian.release import Channel, Release, release_of
from ...model.debian.repositories import (
    MIRROR_KEYRING,
    PROXMOX_URL,
    ObservedRepositories,
    is_ceph,
    is_enterprise,
    is_pve,
)
from ...model.node.host import Host
from ...model.node.proxmox_ve import ObservedProxmoxVe

Variables = dict[str, Any]


def cluster_variables(observed: ObservedCluster) -> Variables:
    config = observed.config
    own = config.member(observed.host.name) if config is not None else None
    if config is None or own is None:
        return {}
    links = _links(own, observed.host)
    found: Variables = {
        "cluster_name": config.name,
        "cluster_links": links,
        "cluster_votes": own.votes if own.votes != 1 else None,
        "cluster_token_coefficient": config.token_coefficient,
    }
    if links is not None and any(config.priorities.get(number, 0) for number in own.links):
        found["cluster_link_priorities"] = [config.priorities.get(number, 0) for number in own.links]
    if config.qdevice is not None:
        found["cluster_qdevice_host"] = found["cluster_qdevice_address"] = config.qdevice.host
        found["cluster_qdevice_allow_odd"] = len(config.members) % 2 == 1 or None
    return given(found)


def cluster_notes(observed: ObservedCluster) -> Iterator[str]:
    config = observed.config
    own = config.member(observed.host.name) if config is not None else None
    if own is not None and _links(own, observed.host) is None:
        yield f"{own.name} has the links {own.links}, which no inventory can ask for; they are left as they are."
    for reason in reasons_not_to_start(config) if config is not None else ():
        yield f"At its next start, corosync refuses the cluster's configuration: {reason}."


def _links(own: Member, host: Host) -> Optional[list[str]]:
    """What asks for the links that the node has, in their order; None when an address is none of its own."""
    known = {str(found.ip) for found in host.usable}
    if not known.issuperset(own.links.values()):
        return None
    return [_network_or_address(address, host) for address in own.links.values()]


def _network_or_address(address: str, host: Host) -> str:
    """The network, which all nodes have in common, if it leads to exactly this address."""
    for found in host.addresses:
        alone = found.prefix == found.ip.max_prefixlen
        if str(found.ip) == address and not alone and len({one.ip for one in host.addresses_in(found.network)}) == 1:
            return str(found.network)
    return address


def repositories_variables(observed: ObservedRepositories) -> Variables:
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
    return given({key: value for key, value in found.items() if usual.get(key) != value})


def _channel(source: Source, components: Mapping[Channel, str]) -> Optional[Channel]:
    return next((channel for channel, name in components.items() if name in source.components), None)


def _base(source: Source) -> str:
    return source.uris[0].rstrip("/").rpartition("/debian/")[0] or source.uris[0].rstrip("/").rpartition("/debian")[0]


def _own_key(source: Source, observed: ObservedRepositories, release: Release) -> Optional[str]:
    """The digest of a key that is not upstream's."""
    path = MIRROR_KEYRING if source.signed_by == MIRROR_KEYRING else release.keyring_path
    digest = observed.keyrings.get(path)
    return None if digest == release.keyring_sha256 else digest


def proxmox_ve_variables(observed: ObservedProxmoxVe) -> Variables:
    return {} if observed.virtualization else {"proxmox_ve_require_virtualization": False}


def given(found: Mapping[str, Any]) -> Variables:
    """Without what need not be said."""
    return {key: value for key, value in found.items() if value is not None}
