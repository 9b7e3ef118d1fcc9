# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster on one screen: nodes, links, quorum, storages, Ceph and where the web interface is."""

from __future__ import annotations

from ..model.ceph import CephObserved
from ..model.cluster import ClusterObserved, Member
from ..model.storage import StorageEntry, StoragesObserved

WEB_PORT = 8006


def summarize(cluster: ClusterObserved, storages: StoragesObserved, ceph: CephObserved) -> dict[str, str]:
    """Topic → one line. Topics that do not exist on this system are left out."""
    lines = {"cluster": _cluster(cluster), **_nodes(cluster)}
    lines["storages"] = ", ".join(_storage(name, entry) for name, entry in sorted(storages.entries.items()))
    lines.update(_ceph(ceph))
    addresses = [member.addresses[0] for member in cluster.members] or [
        str(address) for address in cluster.host.resolves_to if not address.is_loopback
    ]
    if addresses:
        lines["web interface"] = " or ".join(f"https://{_in_url(address)}:{WEB_PORT}" for address in addresses)
    return lines


def _cluster(cluster: ClusterObserved) -> str:
    if cluster.config is None:
        return f"{cluster.host.name} is in no cluster"
    quorate = cluster.membership is not None and cluster.membership.quorate
    votes = sum(member.votes for member in cluster.members)
    present = sum(member.votes for member in cluster.members if member.online)
    verdict = "quorate" if quorate else "NOT QUORATE: no configuration can be changed and no guest started"
    return f"{cluster.config.name}, {present} of {votes} votes, {verdict}"


def _nodes(cluster: ClusterObserved) -> dict[str, str]:
    return {f"node {member.name}": _node(member) for member in cluster.members}


def _node(member: Member) -> str:
    links = ", ".join(f"link{number} {address}" for number, address in sorted(member.links.items()))
    return f"{'online' if member.online else 'OFFLINE'}, {links}"


def _storage(name: str, entry: StorageEntry) -> str:
    return f"{name} ({entry.type}{', disabled' if 'disable' in entry.options else ''})"


def _ceph(ceph: CephObserved) -> dict[str, str]:
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
