# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster on one screen: nodes, links, quorum, storages, Ceph and where the web interface is."""

from __future__ import annotations

from ...model.ceph.state import ObservedCeph
from ...model.cluster.cluster import CorosyncConfig, Member, ObservedCluster
from ...model.cluster.corosync_conf import TWO_NODE
from ...model.cluster.qdevice import ObservedQDeviceNode
from ...model.storage.entry import StorageEntry
from ...model.storage.storage import ObservedStorages

WEB_PORT = 8006


def summarize(
    cluster: ObservedCluster, device: ObservedQDeviceNode, storages: ObservedStorages, ceph: ObservedCeph
) -> dict[str, str]:
    """Topic → one line. Topics that do not exist on this system are left out."""
    lines = {"cluster": _cluster(cluster, device), **_nodes(cluster), **_qdevice(cluster, device)}
    lines["storages"] = ", ".join(_storage(name, entry) for name, entry in sorted(storages.entries.items()))
    lines.update(_ceph(ceph))
    addresses = _addresses(cluster)
    if addresses:
        lines["web interface"] = " or ".join(f"https://{_in_url(address)}:{WEB_PORT}" for address in addresses)
    return lines


def _addresses(cluster: ObservedCluster) -> list[str]:
    """Those that the nodes' names stand for. Links may be in networks that only corosync is in."""
    known = cluster.membership.addresses if cluster.membership is not None else {}
    told = [known[member.name] for member in cluster.members if member.name in known]
    return told or [str(address) for address in cluster.host.resolves_to if not address.is_loopback]


def _cluster(cluster: ObservedCluster, device: ObservedQDeviceNode) -> str:
    if cluster.config is None:
        return f"{cluster.host.name} is in no cluster"
    quorate = cluster.membership is not None and cluster.membership.quorate
    outside = _device_votes(cluster.config)
    votes = sum(member.votes for member in cluster.members) + outside
    present = sum(member.votes for member in cluster.members if member.online) + (outside if device.voting else 0)
    verdict = "quorate" if quorate else "NOT QUORATE: no configuration can be changed and no guest started"
    return f"{cluster.config.name}, {present} of {votes} votes, {verdict}"


def _device_votes(config: CorosyncConfig) -> int:
    """With the algorithm lms it has one vote less than there are nodes, and none is written down."""
    if config.qdevice is None:
        return 0
    return config.qdevice.votes or len(config.members) - 1


def _qdevice(cluster: ObservedCluster, device: ObservedQDeviceNode) -> dict[str, str]:
    config = cluster.config
    if config is not None and config.qdevice is not None:
        state = "votes" if device.voting else "DOES NOT VOTE"
        found = config.qdevice
        return {"quorum device": f"{found.host}, {state} ({_device_votes(config)}, {found.algorithm})"}
    if len(cluster.members) != 2 or (config is not None and config.quorum.get(TWO_NODE)):
        return {}
    return {"quorum device": "none: with two nodes, neither goes on without the other (cluster_qdevice_host)"}


def _nodes(cluster: ObservedCluster) -> dict[str, str]:
    return {f"node {member.name}": _node(member) for member in cluster.members}


def _node(member: Member) -> str:
    return f"{'online' if member.online else 'OFFLINE'}, {member.links}"


def _storage(name: str, entry: StorageEntry) -> str:
    return f"{name} ({entry.type}{', disabled' if 'disable' in entry.options else ''})"


def _ceph(ceph: ObservedCeph) -> dict[str, str]:
    if ceph.cluster is None:
        return {"Ceph": f"does not answer: {ceph.silence}"} if ceph.silence else {}
    found = ceph.cluster
    up, total = sum(osd.up for osd in found.osds), len(found.osds)
    daemons = f"{len(found.quorum)} mons in quorum, {len(found.mgrs)} mgrs, {up} of {total} OSDs up"
    checks = "; ".join(f"{check.code}: {check.message}" for check in found.checks if not check.muted)
    pools = ", ".join(f"{pool.name} (size {pool.size}, {pool.pg_num} PGs)" for pool in found.pools)
    return {"Ceph": f"{found.health}{f' ({checks})' if checks else ''}, {daemons}", "pools": pools or "none"}


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address
