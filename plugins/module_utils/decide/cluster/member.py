# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide about a node that is a member already: is it in the right cluster, as wanted, healthy enough to build upon?"""

from __future__ import annotations

from dataclasses import replace

from ...engine.plan import Plan, Refusal, Run, Step
from ...model.cluster.authority import AUTHORITY, AUTHORITY_KEY
from ...model.cluster.cluster import (
    JOINING,
    MEMBER,
    STANDALONE,
    CorosyncConfig,
    Member,
    ObservedCluster,
)
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.links import Links
from ...model.cluster.locks import LOCK_BUSY
from ...model.cluster.trust import MADE_BY_JOINER, ObservedTrust
from .refusals import refuse_admission
from .trust import forget_keys, forget_step, remove_files
from .unfinished import wait_for_data, wait_for_quorum

#: What is said of a cluster of two nodes without a quorum device.
TWO_NODES = (
    "The cluster has two nodes: when one of them is off, the other loses quorum and stops its work, too. A third vote "
    "outside of the cluster prevents that (cluster_qdevice_host).",
)
_MAKE_CERTIFICATE = Step(
    "make the node's certificate (pvecm updatecerts)",
    Run(("pvecm", "updatecerts", "--force"), timeout=120),
    "certificate.make:pve-ssl",
    "cluster",
    because="it has none of the cluster's authority",
)
_SERVE_CERTIFICATE = Step(
    "restart pveproxy with the certificate of the cluster",
    Run(("systemctl", "restart", "pveproxy.service"), timeout=120),
    "service.restart:pveproxy",
    "service",
    because="port 8006 shows another one than /etc/pve has",
)
#: Upstream's join reloads pveproxy itself. A restart in the middle of that would end its workers by force.
_SERVE_LATER = replace(_SERVE_CERTIFICATE, grace=15)
_RECONFIGURE = "This module does not change a running cluster: correct what is wanted, or let cluster_config change it."


def decide_member(desired: DesiredCluster, observed: ObservedCluster, links: Links) -> Plan:
    config = observed.config or observed.local_config
    if config is None:
        raise AssertionError("a member has a configuration")
    name = observed.host.name
    if config.name != desired.name:
        reason = f"{name} is a member of the cluster {config.name}, not of {desired.name}."
        hint = "Correct the name, or take the node out of that cluster first. A cluster cannot be renamed."
        return Plan(refusals=(Refusal(reason, hint),))
    own = config.member(name)
    if own is None or _removed_at_lead(desired, config, name):
        return Plan(refusals=(_removed(name, config),))
    refusals = (*_refuse_differences(desired, own, links), *_refuse_stopped(observed))
    if refusals:
        return Plan(refusals=refusals)
    if observed.membership is None or not observed.membership.quorate or not observed.writable:
        return _without_quorum(desired, observed)
    if not observed.synchronised:
        return Plan(steps=(wait_for_data(observed.others),))
    if not observed.same_config:
        reason = f"/etc/corosync/corosync.conf of {name} differs from the cluster's /etc/pve/corosync.conf."
        hint = "pmxcfs copies it within seconds; if it stays, see journalctl -u pve-cluster -u corosync."
        return Plan(refusals=(Refusal(reason, hint),))
    steps = (*_certificate(observed), *_forget_trust(observed))
    return Plan(
        steps=steps,
        refusals=(*_refuse_authority(observed), *(() if steps else _refuse_incomplete(desired, observed))),
        warnings=_warnings(observed),
    )


def _refuse_incomplete(desired: DesiredCluster, observed: ObservedCluster) -> tuple[Refusal, ...]:
    """The proof of a join from the joiner's side, which the others' certificates and votes belong to."""
    name = observed.host.name
    return refuse_admission(observed, joined=name, authority=desired.authority) if desired.complete else ()


def _forget_trust(observed: ObservedCluster) -> tuple[Step, ...]:
    """A run that was killed in a join over SSH left it; a member no longer needs it."""
    return () if observed.trust is None else (*remove_files(observed.trust.files), *forget_keys(observed.trust))


def possible_steps(desired: DesiredCluster, observed: ObservedCluster) -> tuple[Step, ...]:
    """What may be left to do on a node that has just become a member, or has just got quorum or data.

    What was made for a join over SSH is there only when that join begins.
    """
    quorate = observed.membership is not None and observed.membership.quorate
    if observed.state == MEMBER and quorate and observed.synchronised:
        return ()
    trust = observed.trust if observed.trust is not None else ObservedTrust()
    made = (*remove_files(MADE_BY_JOINER), forget_step(trust)) if desired.over_ssh else _forget_trust(observed)
    data = (wait_for_data(observed.others),) if desired.lead is not None or observed.has_others else ()
    return (*data, _MAKE_CERTIFICATE, _SERVE_CERTIFICATE, *made)


def _removed_at_lead(desired: DesiredCluster, config: CorosyncConfig, name: str) -> bool:
    """Not listed by the lead, in a configuration that is not older than what this node has."""
    lead = desired.lead
    if lead is None or not lead.members or lead.version is None or lead.version < config.version:
        return False
    return all(member.name != name for member in lead.members)


def _removed(name: str, config: CorosyncConfig) -> Refusal:
    others = ", ".join(member.name for member in config.members if member.name != name)
    return Refusal(
        f"{name} still has the configuration of the cluster {config.name} (with {others or 'no other node'}), but that "
        "cluster's nodelist does not, or no longer, contain it.",
        f"If {name} was removed from the cluster, separate it before anything else: stop pve-cluster and corosync, "
        "start `pmxcfs -l`, remove /etc/pve/corosync.conf and /etc/corosync/*, end pmxcfs, start pve-cluster "
        '(pvecm(1), "Separate a Node Without Reinstalling").',
    )


def _refuse_differences(desired: DesiredCluster, own: Member, links: Links) -> tuple[Refusal, ...]:
    refusals = []
    if desired.requests and links.complete and not desired.reconfigured and own.links != links:
        reason = f"{own.name} runs with the links {own.links}, not with {links}."
        refusals.append(Refusal(reason, _RECONFIGURE))
    for what, found, wanted in (("nodeid", own.nodeid, desired.nodeid), ("votes", own.votes, desired.votes)):
        if wanted is not None and found != wanted and not (what == "votes" and desired.reconfigured):
            refusals.append(Refusal(f"{own.name} runs with {what} {found}, not {wanted}.", _RECONFIGURE))
    return tuple(refusals)


def _refuse_stopped(observed: ObservedCluster) -> tuple[Refusal, ...]:
    """Never started from here: a node that was removed while it was off must not meet its old cluster again."""
    return tuple(
        Refusal(
            f"{unit} is not running on {observed.host.name}, a member of the cluster.",
            f"Find out why (journalctl -u {unit}); if `pvecm nodes` on another member still lists this node, start it: "
            f"systemctl start {unit}.",
        )
        for unit in sorted(observed.inactive)
    )


def _without_quorum(desired: DesiredCluster, observed: ObservedCluster) -> Plan:
    """Missing nodes whose join is under way come by themselves; for any other somebody has to do something."""
    states = {node.name: node.state for node in desired.nodes}
    missing = [member for member in observed.members if not member.online]
    listed = ", ".join(f"{one.name} ({one.links.get(0, 'no address')})" for one in missing) or "none is known"
    if observed.membership is None or all(states.get(one.name) == JOINING for one in missing):
        return Plan(steps=(wait_for_quorum(listed),))
    present = sum(member.votes for member in observed.members if member.online)
    if present and missing and all(_never_arrived(one, desired) for one in missing):
        expect = Run(("pvecm", "expected", str(present)), timeout=60, retry_on=LOCK_BUSY)
        why = f"lower the expected votes to {present}; these never finished joining and are in no cluster: {listed}"
        return Plan(steps=(Step(why, expect, f"votes.expect:{present}", "quorum"), wait_for_quorum()))
    behind = _refuse_behind(desired, observed)
    if behind:
        return Plan(refusals=behind)
    reason = f"The cluster has no quorum, so /etc/pve is read-only. Missing: {listed}."
    hint = (
        "Start these nodes, or repair the network between them. Only if they are switched off for good, or never "
        f"finished joining: run `pvecm expected {max(present, 1)}` on {observed.host.name}, then this again."
    )
    return Plan(refusals=(Refusal(reason, hint),))


def _refuse_behind(desired: DesiredCluster, observed: ObservedCluster) -> tuple[Refusal, ...]:
    """Corosync does not let a node in that starts with another version; pmxcfs brings the new one only to a member."""
    lead, config = desired.lead, observed.config
    if lead is None or config is None or lead.version is None or lead.version <= config.version:
        return ()
    return (
        Refusal(
            f"{observed.host.name} waits for quorum with version {config.version} of the cluster's configuration; "
            f"the cluster has version {lead.version}.",
            f"Copy /etc/corosync/corosync.conf from {lead.address} to the same place here, then "
            "systemctl restart corosync pve-cluster.",
        ),
    )


def _never_arrived(missing: Member, desired: DesiredCluster) -> bool:
    """A join that died after the cluster listed the node: this run has seen that machine, and it is in no cluster.

    So it cannot be the other half of a cluster that fell apart, for which alone a quorum must not be made.
    """
    return any(
        node.name == missing.name and node.state == STANDALONE and node.links.addresses == missing.addresses
        for node in desired.nodes
    )


def _certificate(observed: ObservedCluster) -> tuple[Step, ...]:
    """A certificate of an authority that is no more is made anew, unless an administrator has put it there.

    A pveproxy that was starting while its node joined goes on with the old certificate; calls through it fail.
    """
    authority = observed.authority
    if observed.certificate is None or (authority.distrust and authority.ours):
        return (_MAKE_CERTIFICATE, _SERVE_CERTIFICATE)
    return () if observed.served_certificate in (None, observed.certificate) else (_SERVE_LATER,)


def _refuse_authority(observed: ObservedCluster) -> tuple[Refusal, ...]:
    if observed.authority.matches or not observed.authority.ours:
        return ()
    reason = f"The cluster's authority cannot sign: {AUTHORITY} is not the certificate of the key {AUTHORITY_KEY}."
    hint = (
        "On one node with quorum, move both out of /etc/pve; then run `pvecm updatecerts --force` on every node, and "
        "this again. If the certificate is your own authority's, put back what signs with it."
    )
    return (Refusal(reason, hint),)


def _warnings(observed: ObservedCluster) -> tuple[str, ...]:
    offline = [member.name for member in observed.members if not member.online]
    loopback = [str(ip) for ip in observed.host.resolves_to if ip.is_loopback]
    warnings = []
    if observed.authority.distrust and not observed.authority.ours:
        warnings.append(
            f"The certificate of {observed.host.name} is not of the cluster's authority "
            f"({observed.authority.distrust}). As Proxmox VE has not made it, it is left as it is."
        )
    if observed.maintenance:
        end = f"ha-manager crm-command node-maintenance disable {observed.host.name}"
        warnings.append(
            f"{observed.host.name} is in the maintenance mode of the HA manager, which gives it no guests: {end}"
        )
    if offline:
        warnings.append(f"Nodes of the cluster that are not online: {', '.join(offline)}.")
    if loopback:
        warnings.append(f"The name {observed.host.name} resolves to {', '.join(loopback)}; correct /etc/hosts.")
    return tuple(warnings)
