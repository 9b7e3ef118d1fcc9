# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether what of Ceph lies on a node is still the cluster's: the disk and the cluster's map say so.

An OSD is the cluster's if the map has the identity that is written on the disk; a monitor, if the map has it; another
daemon, if it has an account. What the cluster has removed belongs to nobody, and nothing is taken from it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.plan import Refusal
from ...model.leaving.separation import DesiredSeparation, KnownCeph, StoredCeph


def known_ceph(told: Optional[Mapping[str, Any]]) -> KnownCeph:
    """From a member's report; without one, nobody has been asked."""
    if told is None:
        return KnownCeph()
    osds = {str(uuid): int(number) for uuid, number in told["osds"].items()}
    return KnownCeph(bool(told["answers"]), osds, frozenset(told["daemons"]))


def refuse_stored_ceph(node: str, desired: DesiredSeparation, found: StoredCeph) -> Iterator[Refusal]:
    known = desired.ceph
    if not known.answers:
        if found.osds or found.daemons or found.unread:
            reason = f"Whether what {node} has of Ceph is still the cluster's is not known: no member could say."
            yield Refusal(reason, "Bring the monitors back first, and let a member report (node_membership_info).")
        return
    if known.osds:
        for place in found.unread:
            hint = "Install ceph-osd and lvm2 there, so that it can be read; or empty it, if nothing on it is needed."
            yield Refusal(f"Which OSD is on {place} cannot be read.", hint)
    theirs = [f"osd.{known.osds[osd.uuid]} on {osd.place}" for osd in found.osds if osd.uuid in known.osds]
    theirs += [daemon for daemon in found.daemons if daemon in known.daemons]
    if theirs:
        reason = f"Daemons of the Ceph of {desired.cluster} are on {node}: {', '.join(theirs)}."
        yield Refusal(reason, "Remove the node with remove_node.yml, which takes them out first; or install it anew.")


def warn_of_stored_ceph(desired: DesiredSeparation, found: StoredCeph) -> Iterator[str]:
    if not desired.ceph.answers:
        return
    for osd in found.osds:
        if osd.uuid not in desired.ceph.osds:
            yield (
                f"{osd.place} still holds an OSD that {desired.cluster} does not have any more ({osd.uuid}). It is"
                " kept. A new OSD on that disk has to be allowed by name (ceph_osd_wipe)."
            )
    if not desired.ceph.osds:
        yield from (f"Which OSD is on {place} cannot be read; it is kept." for place in found.unread)
