# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lives on a node and what refers to it, in the words of a report."""

from __future__ import annotations

from typing import Any, Optional

from ...model.guest.guest import Guest
from ...model.leaving.ceph import ObservedCephOfNode
from ...model.leaving.membership import ObservedMembership
from .drained import ceph_parts, is_drained
from .progress import monitors, moving, placement_groups
from .served import served_by


def report(node: str, observed: ObservedMembership) -> dict[str, Any]:
    member = observed.member(node)
    found = observed.references
    config = observed.cluster.config
    return {
        "node": node,
        "cluster": config.name if config is not None else None,
        "authority": observed.authority,
        "others": sorted(one.name for one in observed.cluster.members if one.name != node),
        "member": member is not None,
        "online": member is not None and bool(member.online),
        "addresses": [address for address in member.addresses if address] if member is not None else [],
        "quorate": observed.quorate,
        "drained": is_drained(node, observed),
        "guests": [_guest(guest, observed) for guest in observed.guests],
        "tasks": list(observed.tasks),
        "replication": [job.id for job in found.replication if node in (job.source, job.target)],
        "ha_rules": [rule.name for rule in found.ha.affinities if node in rule.nodes],
        "maintenance": found.ha.in_maintenance(node),
        "storages": sorted(name for name, entry in found.storages.items() if entry.nodes and node in entry.nodes),
        "serves": list(served_by(node, observed)),
        "backup_jobs": list(found.backup_jobs),
        "mappings": [one.path for one in found.mappings if one.on(node)],
        "sdn": list(found.sdn),
        "directory": observed.leftovers.directory,
        "ceph": list(ceph_parts(node, observed)),
        "ceph_known": _known(observed.ceph),
        "moving": moving(observed.ceph),
        "placement_groups": placement_groups(observed.ceph),
        "monitors": monitors(observed.ceph),
    }


def _known(ceph: Optional[ObservedCephOfNode]) -> dict[str, Any]:
    """Which OSDs and daemons the whole cluster has, by which another node knows what is none of them."""
    if ceph is None or ceph.data is None:
        return {"answers": ceph is None or ceph.silence is None, "osds": {}, "daemons": []}
    accounts = [name for name in ceph.data.entities if name.partition(".")[0] in ("mgr", "mds")]
    return {
        "answers": True,
        "osds": {osd.uuid: osd.id for osd in ceph.data.cluster.osds},
        "daemons": sorted([*accounts, *(f"mon.{name}" for name in ceph.data.monitors.addresses)]),
    }


def _guest(guest: Guest, observed: ObservedMembership) -> dict[str, Any]:
    return {
        "vmid": guest.vmid,
        "type": guest.kind,
        "name": guest.name,
        "running": guest.running,
        "ha": observed.references.ha.resources.get(guest.sid),
        "local": list(guest.local),
        "devices": list(guest.devices),
    }
