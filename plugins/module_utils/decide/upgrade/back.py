# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a node is not back yet after its upgrade. Both sides are asked: each may take itself for the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.ceph.safety import ObservedSafety, OsdSafety
from ...model.upgrade.back import ObservedBack
from ..ceph.safety import progress, refuse_until


def missing(observed: ObservedBack) -> list[str]:
    """In words; empty when all is back."""
    return [*_cluster(observed), *_ceph(observed)]


def _cluster(observed: ObservedBack) -> Iterator[str]:
    seen, here = observed.cluster, observed.cluster.host.name
    membership, quorum = seen.membership, observed.running.quorum
    if membership is None or not membership.quorate:
        yield f"{here} has no quorum."
    elif not membership.online.get(observed.node):
        yield f"{observed.node} is not online for {here}."
    if quorum is None or not quorum.quorate:
        yield f"corosync of {here} has no quorum."
    if not seen.writable:
        yield f"/etc/pve takes no changes on {here}."
    names = {member.nodeid: member.name for member in seen.members}
    for link in observed.running.links:
        if not link.connected:
            other = names.get(link.nodeid, f"node {link.nodeid}")
            yield f"link{link.number} from {here} to {other} is not connected."


def _ceph(observed: ObservedBack) -> Iterator[str]:
    ceph = observed.ceph
    if ceph is None or (ceph.data is None and ceph.silence is None):
        return
    if ceph.data is None:
        yield f"No monitor of Ceph answers ({ceph.silence})."
        return
    for name in ceph.mons:
        if name not in ceph.data.monitors.quorum:
            yield f"mon.{name} is not in quorum."
    for osd in ceph.here:
        if not osd.destroyed and not osd.up:
            yield f"osd.{osd.id} is not up."
    for refusal in refuse_until("clean", ObservedSafety(ceph.data, OsdSafety(()))):
        yield refusal.reason


def how_far(observed: ObservedBack) -> str:
    """The movement of Ceph's data, in one line; nothing without Ceph."""
    ceph = observed.ceph
    return "" if ceph is None or ceph.data is None else progress(ceph.data)
