# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how Ceph's packages and its one configuration get onto the nodes."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Optional, Union

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step
from ...model.ceph.cluster import INSTALLED_PACKAGES, DesiredCephCluster, ObservedCephCluster
from ...model.ceph.conf import NETWORKS
from ...model.ceph.state import CONF, LINK, RELEASES, CephConf, CephNode
from ...model.cluster.locks import LOCK_BUSY
from ...model.debian.apt import BUSY, install
from ...model.debian.release import CEPH_DEFAULT, TEST, Channel, Release, release_of
from ...model.node.host import addresses_from

_INSTALL_TIMEOUT = 1800
#: ``manual``: what the node has already.
Repository = Union[Channel, Literal["manual"]]


def desired_from(params: Mapping[str, Any]) -> DesiredCephCluster:
    """Module parameters → desired state."""
    if params["release"] not in (CEPH_DEFAULT, *RELEASES.values()):
        known = ", ".join(RELEASES.values())
        raise Invalid(f"{params['release']!r} is not a release of Ceph this collection knows.", f"Known: {known}.")
    public = _networks(params["public_network"])
    cluster = _networks(params["cluster_network"]) if params["cluster_network"] else public
    coming = addresses_from(params["coming"])
    return DesiredCephCluster(params["release"], params["repository"], public, cluster, params["initialize"], coming)


def decide(desired: DesiredCephCluster, observed: ObservedCephCluster) -> Plan:
    conf = observed.node.conf
    release = release_of(observed.host.codename)
    if release is not None:
        desired = replace(desired, release=release.ceph_named(desired.release))
    refusals = [
        *_refuse_release(desired, observed),
        *_refuse_several(desired, conf),
        *_refuse_networks(desired, observed),
        *_refuse_address(desired, observed),
    ]
    return Plan(
        steps=(*_install(desired, observed), *_initialize(desired, conf), *_link(observed.node)),
        refusals=tuple(refusals),
        before=_document(observed.node.release, *(observed.network(key) for key in NETWORKS)),
        after=_document(desired.release, desired.public_network, desired.cluster_network),
        tells={"node": observed.node.name},
    )


def _document(release: Optional[str], public: tuple[str, ...] = (), cluster: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"release": release, "public_network": list(public), "cluster_network": list(cluster)}


def _networks(text: str) -> tuple[str, ...]:
    """One network, or several with commas between them."""
    try:
        return tuple(str(ipaddress.ip_network(one.strip())) for one in text.split(","))
    except ValueError as error:
        hint = "Write it in CIDR form, such as 10.10.2.0/24, with all bits of the host part zero."
        raise Invalid(f"{text!r} is not a network: {error}.", hint) from error


def _install(desired: DesiredCephCluster, observed: ObservedCephCluster) -> tuple[Step, ...]:
    if observed.node.complete and observed.node.release == desired.release:
        return ()
    why = f"install Ceph {desired.release.capitalize()}"
    release = release_of(observed.host.codename)
    if release is not None and desired.release not in release.ceph:
        return ()  # refused; pveceph would not even take the name
    configured = desired.release in observed.repositories
    if configured and release is not None and not release.ceph_manual_repository:
        # Here pveceph would put its own repository in place of the configured one, which may be a mirror.
        return (Step(why, install(*INSTALLED_PACKAGES, recommended=False), "ceph.install", "packages"),)
    repository: Repository = "manual" if configured else desired.repository
    argv = ("pveceph", "install", "--version", desired.release, *_channel(repository, release))
    # apt asks for confirmation when it has to install more than was named; nobody types the answer here.
    action = Run(argv, stdin="y\n", timeout=_INSTALL_TIMEOUT, retry_on=BUSY)
    return (Step(why, action, "ceph.install", "packages"),)


def _channel(repository: Repository, release: Optional[Release]) -> tuple[str, ...]:
    if release is None or release.ceph_repository_option:
        return ("--repository", repository)
    return ("--test-repository", "1") if repository == TEST else ()


def _initialize(desired: DesiredCephCluster, conf: Optional[CephConf]) -> tuple[Step, ...]:
    if conf is not None or not desired.initialize:
        return ()
    public, cluster = desired.public_network[0], desired.cluster_network[0]
    argv = ("pveceph", "init", "--network", public, "--cluster-network", cluster)
    why = f"write {CONF} (public network {public}, cluster network {cluster})"
    return (Step(why, Run(argv, timeout=120, retry_on=LOCK_BUSY), f"file.write:{CONF}", "file"),)


def _link(node: CephNode) -> tuple[Step, ...]:
    """pveceph makes the link with a node's first daemon; without it no command of Ceph finds the cluster."""
    if node.conf is None or node.linked or not any(node.daemons.values()):
        return ()
    action = Run(("ln", "--symbolic", CONF, LINK))
    return (Step(f"make {LINK} a link to {CONF}", action, f"file.link:{LINK}", "file"),)


def _refuse_release(desired: DesiredCephCluster, observed: ObservedCephCluster) -> list[Refusal]:
    refusals = []
    release = release_of(observed.host.codename)
    if release is not None and desired.release not in release.ceph:
        refusals.append(_not_offered(desired, observed, release))
    if release is not None and desired.repository not in release.ceph_components:
        reason = f"Proxmox VE {release.pve}, on {observed.node.name}, has no {desired.repository} repository of Ceph."
        refusals.append(Refusal(reason, f"Set repository to {' or '.join(release.ceph_components)}."))
    found = observed.node.release
    if found is not None and found != desired.release:
        refusals.append(
            Refusal(
                f"Ceph {found.capitalize()} is installed on {observed.node.name}, not {desired.release.capitalize()}.",
                f"Set release to {found}, or upgrade Ceph first: an upgrade restarts every daemon in a certain order"
                " and this module does not do that.",
            )
        )
    return refusals


def _not_offered(desired: DesiredCephCluster, observed: ObservedCephCluster, release: Release) -> Refusal:
    offered = " and ".join(name.capitalize() for name in release.ceph)
    wanted = desired.release.capitalize()
    reason = f"Proxmox VE {release.pve}, which {observed.node.name} runs, does not offer Ceph {wanted}."
    return Refusal(reason, f"It offers {offered}.")


def _refuse_several(desired: DesiredCephCluster, conf: Optional[CephConf]) -> list[Refusal]:
    """Existing clusters have them; ``pveceph init`` takes one of each."""
    if conf is not None or not desired.initialize:
        return []
    several = {"public_network": desired.public_network, "cluster_network": desired.cluster_network}
    return [
        Refusal(
            f"A new Ceph cluster gets one {key}, but {', '.join(networks)} are wanted.",
            f"Name one of them, and add the others to {CONF} when Ceph runs.",
        )
        for key, networks in several.items()
        if len(networks) > 1
    ]


def _refuse_networks(desired: DesiredCephCluster, observed: ObservedCephCluster) -> list[Refusal]:
    """``pveceph init`` would silently rewrite both networks of a running cluster."""
    if observed.node.conf is None:
        return []
    public = observed.network("public_network")
    if not public and observed.silence is not None:
        reason = f"{CONF} names no public_network, and no monitor says which one Ceph has ({observed.silence})."
        return [
            Refusal(
                reason,
                "Bring the monitors back first. `systemctl status ceph-mon@NAME` on their nodes shows what they do.",
            )
        ]
    wanted = {"public_network": desired.public_network, "cluster_network": desired.cluster_network}
    found = {"public_network": public, "cluster_network": observed.network("cluster_network") or public}
    where = CONF if observed.node.conf.public_network else "Ceph's monitors"
    return [
        Refusal(
            f"{where} {'say' if where != CONF else 'says'} {key} = {', '.join(found[key]) or 'nothing'},"
            f" but {', '.join(networks)} is wanted.",
            f"Set {key} to what the cluster has. Moving a running Ceph cluster to another network takes new monitors"
            " and this module does not do that.",
        )
        for key, networks in wanted.items()
        if set(found[key]) != set(networks)
    ]


def _refuse_address(desired: DesiredCephCluster, observed: ObservedCephCluster) -> list[Refusal]:
    """Daemons bind to the node's address in these networks, and monitors need exactly one in the public network."""
    host = observed.host.after(desired.coming)
    return [
        Refusal(
            f"{observed.node.name} has no address in Ceph's network {' or '.join(networks)}.",
            "Configure one on this node, or name a network that every Ceph node is in.",
        )
        for networks in dict.fromkeys((desired.public_network, desired.cluster_network))
        if not any(host.addresses_in(ipaddress.ip_network(network)) for network in networks)
    ]
