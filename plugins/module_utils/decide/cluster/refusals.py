# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse to let a node in through a member, a join that is not complete as the member sees it, and a quorum device."""

from __future__ import annotations

from typing import Optional

from ...engine.plan import Refusal
from ...model.cluster.authority import AUTHORITY
from ...model.cluster.cluster import ObservedCluster


def refuse_admission(
    cluster: ObservedCluster,
    node: Optional[str] = None,
    joined: Optional[str] = None,
    authority: Optional[str] = None,
) -> tuple[Refusal, ...]:
    """``node``: the one that is to join, which may be registered already. ``joined``: one that has just joined.
    ``authority``: the fingerprint of the cluster's authority before that."""
    refusals = refuse_to_admit(cluster, node)
    if refusals:
        return refusals
    return (
        *_refuse_votes(cluster, node),
        *_refuse_signature(cluster),
        *(_refuse_other_authority(cluster, joined, authority) if joined else ()),
        *(_refuse_incomplete(cluster, joined) if joined else ()),
    )


def _refuse_votes(observed: ObservedCluster, node: Optional[str]) -> tuple[Refusal, ...]:
    """Corosync has to expect the votes of the configuration, not what `pvecm expected` told it.

    Except while ``node`` is listed and has not arrived: for it, the member may have had to lower them.
    """
    if any(member.name == node and not member.online for member in observed.members):
        return ()
    wanted = observed.config.expected_votes if observed.config is not None else None
    expected = observed.expected_votes
    if expected == wanted:
        return ()
    said = "unknown" if expected is None else expected
    reason = f"Corosync of {observed.host.name} expects {said} votes, not {wanted}."
    return (Refusal(reason, "See `pvecm status`; `pvecm expected` changes it until corosync starts again."),)


def _refuse_signature(observed: ObservedCluster) -> tuple[Refusal, ...]:
    """Members check each other's certificates against the cluster's authority, not the one from before the join."""
    distrust = observed.authority.distrust
    if distrust is None:
        return ()
    reason = f"The certificate of {observed.host.name} is not signed by the cluster's authority: {distrust}."
    return (Refusal(reason, "Run this again: the node makes a new one (pvecm updatecerts --force)."),)


def _refuse_other_authority(observed: ObservedCluster, joined: str, before: Optional[str]) -> tuple[Refusal, ...]:
    """Upstream's join makes a second authority if it meets an empty /etc/pve: while the other members start."""
    if before in (None, observed.authority.fingerprint):
        return ()
    hint = (
        "Run this again: every node makes a certificate of the new one. Browsers that trusted the old one have to "
        f"learn this one ({AUTHORITY})."
    )
    return (Refusal(f"The cluster has another certificate authority since {joined} joined.", hint),)


def _refuse_incomplete(observed: ObservedCluster, joined: str) -> tuple[Refusal, ...]:
    """Why the join of this node is not complete as this member sees it."""
    if any(member.name == joined and member.online for member in observed.members):
        return ()
    return (Refusal(f"{observed.host.name} does not see {joined} online.", "See journalctl -u corosync on both."),)


def refuse_qdevice(host: Optional[str]) -> tuple[Refusal, ...]:
    """Upstream: the device is removed before a node is added, and added again after that."""
    if host is None:
        return ()
    hint = (
        "Name its host (cluster_qdevice_host) in a run for all nodes, which takes it out while nodes join; or take it "
        "out yourself (pvecm qdevice remove), and add it again when all have joined."
    )
    return (Refusal(f"The cluster has a quorum device ({host}), and as long as it has one no node can join.", hint),)


def refuse_odd_device(count: int) -> Refusal:
    """``count``: of the nodes, with those that are still to join."""
    reason = f"A quorum device for {count} nodes: with an odd number it can make the cluster weaker, not stronger."
    return Refusal(reason, "Upstream does not support it officially. Leave it out, or allow it (allow_odd).")


def refuse_to_admit(observed: ObservedCluster, node: Optional[str] = None) -> tuple[Refusal, ...]:
    """Why no further node can join through this one now. ``node``, the one to join, may be registered already."""
    name = observed.host.name
    if observed.config is None or observed.membership is None:
        return (Refusal(f"{name} is not a member of a cluster.", "Ask a member for the ticket."),)
    if not observed.membership.quorate or not observed.writable:
        return (Refusal(f"The cluster of {name} has no quorum, so no node can join.", "Bring back its other nodes."),)
    if not observed.synchronised:
        reason = f"The cluster's data has not arrived on {name} yet: its /etc/pve is empty."
        return (Refusal(reason, "It needs a member that has the data; see journalctl -u pve-cluster there."),)
    if observed.config.qdevice:
        return refuse_qdevice(observed.config.qdevice.host)
    offline = [member.name for member in observed.members if not member.online and member.name != node]
    if offline:
        reason = (
            f"{', '.join(offline)} of the cluster of {name} is not online; one more vote now could cost the quorum."
        )
        return (Refusal(reason, "Start or remove the missing node first."),)
    if observed.served_certificate not in (None, observed.certificate):
        hint = "Restart it there: systemctl restart pveproxy."
        return (Refusal(f"pveproxy of {name} serves a certificate that is not the cluster's.", hint),)
    return ()
