# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a node becomes a member of its cluster: creates it, joins it, or finishes what a killed run began.

Upstream's rules: pvecm(1), and create, addnode and join in pve-cluster (API2/ClusterConfig.pm, Cluster/Setup.pm).
A change of a running cluster (links, votes, addresses) is refused, with both states shown; see cluster_config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step
from ...model.cluster.cluster import (
    AUTHKEY,
    CREATING,
    JOINING,
    MAX_NAME,
    MEMBER,
    NAME,
    Member,
    ObservedCluster,
)
from ...model.cluster.context import ClusterContext, Lead
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.links import Links, link_name
from ...model.cluster.locks import LOCK_BUSY
from ...model.node.host import addresses_from
from .context import context_from
from .links import parse_links, refuse_other_links, refuse_shared, resolve_links, warn_public
from .member import TWO_NODES, decide_member, possible_steps
from .paths import refuse_paths, refuse_strangers, warn_paths
from .refusals import refuse_odd_device, refuse_qdevice
from .unfinished import (
    clear_joining,
    decide_creating,
    decide_joining,
    is_forgotten,
    remove_left_over,
    wait_for_pvecm,
)

#: pvecm waits for quorum without a limit; a join takes 10 to 40 seconds.
_JOIN_DEADLINE = 240
_JOIN_HINT = (
    "If it waited for quorum: corosync of every node must reach that of every other node on each link "
    "(UDP 5405 to 5412, same MTU). If it could not log in: fingerprint and ticket come from cluster_join_info on a "
    "member. The next run finishes a join that was cut short, or says what to do about it."
)
#: A lead whose cluster is just being formed, or whose pveproxy restarts: nothing was changed yet, so ask again.
LEAD_NOT_READY = (r"cluster not ready - no quorum\?", r"Connection refused")
#: pvecm prints these and still exits 0.
JOIN_FAILED = (
    r".*\bfailed\b.*",
    r".*Permission denied.*",
    r"Cluster join aborted!",
    r"401 authentication failure",
    r"not verified, abort!",
    r"EOF while reading password",
    r"Can't connect to",
    r"unable to copy ssh ID",
    r"can't rsync data from host",
)


def desired_from(params: Mapping[str, Any]) -> DesiredCluster:
    """Module parameters → desired state."""
    name = params["name"]
    if not name:
        raise Invalid("A cluster has a name.", "Give the one that runs, or the one that is to be created.")
    links, priorities = parse_links(params["links"]), tuple(params["link_priorities"])
    if priorities and len(priorities) != len(links):
        raise Invalid(f"{len(priorities)} link priorities are given for {len(links)} links.", "Give one for each link.")
    if any(not 0 <= priority <= 255 for priority in priorities):
        raise Invalid("A link priority is outside of 0 to 255.", "The link with the higher number is preferred.")
    if params["nodeid"] is not None and params["nodeid"] < 1 or params["votes"] is not None and params["votes"] < 0:
        raise Invalid("nodeid is a whole number of at least 1, votes one of at least 0.")
    return DesiredCluster(
        name=name,
        requests=links,
        priorities=priorities,
        nodeid=params["nodeid"],
        votes=params["votes"],
        fingerprint=params["fingerprint"],
        secret=params["password"] if params["join_method"] == "password" else params["ticket"],
        over_ssh=params["join_method"] == "ssh",
        latency_limit=params["latency_limit"],
        allow_public_networks=params["allow_public_networks"],
        join_drops_keys=params["join_drops_keys"],
        reconfigured=params["context"] is not None,
        tried=Links.in_order(params["try_links"]),
        complete=params["complete"],
        authority=params["authority"],
        context=_context(params),
        coming=addresses_from(params["coming"]),
    )


def _context(params: Mapping[str, Any]) -> ClusterContext:
    """``lead`` alone is a context, too: of somebody who joins a node by hand."""
    if params["context"] is not None:
        return context_from(params["context"])
    return ClusterContext(lead=Lead(params["lead"]) if params["lead"] else None)


def decide(desired: DesiredCluster, observed: ObservedCluster) -> Plan:
    observed = replace(observed, host=observed.host.after(desired.coming))
    asked, refusals = resolve_links(desired.requests, observed.host)
    links = asked.numbered_as(_running_links(desired, observed))
    decided = _way(desired, observed, links)
    odd = desired.context.odd_device
    shared = (
        *refuse_shared(desired, links, observed.host),
        *((refuse_odd_device(odd),) if odd else ()),
    )
    return Plan(
        steps=decided.steps,
        refusals=(*refusals, *shared, *decided.refusals),
        warnings=(*warn_public(desired, links), *decided.warnings),
        possible=possible_steps(desired, observed),
        before=_document(observed),
        after={
            "cluster": desired.name,
            "state": MEMBER,
            "links": links.document(),
            **_measured(desired),
        },
    )


def _running_links(desired: DesiredCluster, observed: ObservedCluster) -> Links:
    """Those of this node, or of the cluster that it is to join."""
    config = observed.config or observed.local_config
    own = config.member(observed.host.name) if config is not None else None
    members = desired.lead.members if desired.lead is not None else None
    return next((one.links for one in (own, *(members or ())) if one is not None and one.links), Links({}))


def _measured(desired: DesiredCluster) -> dict[str, Any]:
    """What differs from run to run is no part of a step: it would never be the same step twice."""
    latency = desired.paths.latency if desired.paths is not None else None
    return {} if latency is None else {"latency": f"at most {latency:.2f} ms"}


def _document(observed: ObservedCluster) -> dict[str, Any]:
    config = observed.config
    own = config.member(observed.host.name) if config is not None else None
    return {
        "cluster": config.name if config is not None else None,
        "state": observed.state,
        "links": own.links.document() if own is not None else {},
    }


def _way(desired: DesiredCluster, observed: ObservedCluster, links: Links) -> Plan:
    if observed.busy:
        return Plan(steps=(wait_for_pvecm(),))
    if observed.state == MEMBER:
        return decide_member(desired, observed, links)
    if observed.state == CREATING:
        return decide_creating(desired, observed, links)
    forgotten = is_forgotten(desired, observed)
    if observed.state == JOINING and not forgotten:
        return decide_joining(desired, observed, links)
    if desired.lead is None:
        bad_name = _refuse_cluster_name(desired)
        refusals = (
            *bad_name,
            *_refuse_names(observed),
            *_refuse_silent(desired),
            *_refuse_no_vote(desired),
            *refuse_strangers(desired, observed.host),
        )
        steps = () if bad_name else (*_start_pmxcfs(observed), _create(desired, links))
        return Plan(steps=steps, refusals=refusals, warnings=(*_warn_two(desired), *warn_paths(desired)))
    return Plan(
        steps=(
            *(clear_joining() if forgotten else _start_pmxcfs(observed)),
            *_drop_authkey(desired.lead, observed, forgotten),
            _join(desired, desired.lead, observed, links),
        ),
        refusals=(
            *_refuse_names(observed),
            *refuse_other_links(desired.lead, links, observed.host),
            *_refuse_guests(observed),
            *_refuse_authkey(desired.lead, observed, forgotten),
            *_refuse_lost_keys(desired, desired.lead, observed),
            *_refuse_registered(desired.lead, observed, links),
            *refuse_qdevice(desired.lead.qdevice),
            *refuse_paths(desired, links, observed.host),
        ),
        warnings=tuple(warn_paths(desired)),
    )


def _start_pmxcfs(observed: ObservedCluster) -> tuple[Step, ...]:
    if observed.mounted or not observed.installed:
        return ()
    start = Run(("systemctl", "start", "pve-cluster.service"))
    return (Step("start pve-cluster, which serves /etc/pve", start, "service.start:pve-cluster", "service"),)


def _create(desired: DesiredCluster, links: Links) -> Step:
    action = Run(("pvecm", "create", desired.name, *_link_options(desired, links)), timeout=120, retry_on=LOCK_BUSY)
    why = f"create the cluster {desired.name} with {links}"
    return Step(why, action, f"cluster.create:{desired.name}", "cluster")


def _drop_authkey(lead: Lead, observed: ObservedCluster, forgotten: bool) -> tuple[Step, ...]:
    """The cluster lists this node, so the key is that of a join which was cut short; pvecm would refuse."""
    if forgotten or not observed.authkey or _registered(lead, observed) is None:
        return ()
    return (remove_left_over(AUTHKEY),)


def _refuse_authkey(lead: Lead, observed: ObservedCluster, forgotten: bool) -> tuple[Refusal, ...]:
    if forgotten or not observed.authkey or _registered(lead, observed) is not None:
        return ()
    reason = f"{observed.host.name} is in no cluster, but has {AUTHKEY}, perhaps of a cluster that it was in once."
    return (Refusal(reason, f"If nobody needs that key any more, remove it: rm {AUTHKEY}"),)


def _join(desired: DesiredCluster, lead: Lead, observed: ObservedCluster, links: Links) -> Step:
    registered = _registered(lead, observed)
    argv = ["pvecm", "add", lead.address]
    if desired.over_ssh:
        argv.append("--use_ssh")
    elif desired.fingerprint is not None:
        argv += ["--fingerprint", desired.fingerprint]
    if registered is not None:
        again = ["--nodeid", str(registered.nodeid), "--votes", str(registered.votes), "--force", "1"]
        argv += [*_link_addresses(links), *again]
    else:
        argv += _link_options(desired, links)
    action = Run(
        tuple(argv),
        stdin=None if desired.over_ssh else f"{desired.secret or ''}\n",
        timeout=_JOIN_DEADLINE,
        retry_on=(*LOCK_BUSY, *LEAD_NOT_READY),
        fail_on=JOIN_FAILED,
    )
    why = f"join the cluster {desired.name} through {lead.address} with {links}"
    return Step(why, action, f"cluster.join:{desired.name}", "cluster", hint=_JOIN_HINT)


def _link_options(desired: DesiredCluster, links: Links) -> list[str]:
    """pvecm heeds priorities only when it creates a cluster."""
    if desired.lead is None and desired.priorities:
        pairs = zip(links.items(), desired.priorities)
        options = _link_addresses({link: f"{address},priority={number}" for (link, address), number in pairs})
    else:
        options = _link_addresses(links)
    if desired.nodeid is not None:
        options += ["--nodeid", str(desired.nodeid)]
    if desired.votes is not None:
        options += ["--votes", str(desired.votes)]
    return options


def _link_addresses(links: Mapping[int, str]) -> list[str]:
    return [word for number, address in links.items() for word in (f"--{link_name(number)}", address)]


def _registered(lead: Lead, observed: ObservedCluster) -> Optional[Member]:
    """This node's entry in the lead's nodelist, made by a join that did not get any further."""
    return next((one for one in lead.members or () if one.name == observed.host.name), None)


def _refuse_registered(lead: Lead, observed: ObservedCluster, links: Links) -> tuple[Refusal, ...]:
    """Joining again under a registered name is safe only for the machine that had begun to join."""
    found = _registered(lead, observed)
    if found is None:
        return ()
    name = observed.host.name
    if found.links != links:
        reason = f"The cluster already has a node {name} with other links ({found.links})."
        hint = f"If that node is gone for good: pvecm delnode {name} on a member. Else give this machine another name."
        return (Refusal(reason, hint),)
    if found.online:
        reason = f"The cluster already has a node {name}, and it is online."
        return (Refusal(reason, "This machine needs another name (and addresses of its own)."),)
    return () if found.left is None else (_refuse_place(found),)


def _refuse_place(dead: Member) -> Refusal:
    guests = f"has guests ({', '.join(dead.left)})" if dead.left else "has no guests"
    reason = (
        f"{dead.name} is a member of the cluster, and it is off. This machine is another one, or was installed anew; "
        f"it cannot take that member's place by joining. In the cluster, {dead.name} {guests}."
    )
    hint = (
        "Power this machine off and let playbooks/replace_node.yml (confirmed_powered_off) take the dead node out; "
        "it says what is in the way. With this machine on again, the same command lets it join."
    )
    return Refusal(reason, hint)


def _warn_two(desired: DesiredCluster) -> tuple[str, ...]:
    return TWO_NODES if len(desired.nodes) == 2 and not desired.context.third_vote else ()


def _refuse_silent(desired: DesiredCluster) -> tuple[Refusal, ...]:
    """Two clusters of one name, of which each node can only ever be in one."""
    silent = desired.context.silent
    if not silent:
        return ()
    reason = f"It is not known whether the cluster {desired.name} exists: {', '.join(silent)} did not answer."
    hint = "Switch these hosts on; leave those that are not nodes yet out of cluster_hosts (the group proxmox)."
    return (Refusal(reason, hint),)


def _refuse_cluster_name(desired: DesiredCluster) -> tuple[Refusal, ...]:
    """pvecm takes no other. One that runs may have another name, given by hand or by a pvecm of old."""
    name = desired.name
    if len(name) <= MAX_NAME and NAME.fullmatch(name):
        return ()
    reason = f"{name!r} ({len(name)} characters) cannot be the name of a new cluster."
    hint = f"At most {MAX_NAME} letters, digits and hyphens, no hyphen at either end. It can never be changed."
    return (Refusal(reason, hint),)


def _refuse_no_vote(desired: DesiredCluster) -> tuple[Refusal, ...]:
    if desired.votes != 0:
        return ()
    reason = f"The first node of the cluster {desired.name} would have no vote, and the cluster no quorum."
    return (Refusal(reason, "List a host with a vote first; one that has none (votes: 0) joins later."),)


def _refuse_names(observed: ObservedCluster) -> tuple[Refusal, ...]:
    """Every pvecm command resolves the node's name first and wants an address that others can reach."""
    host = observed.host
    refusals = []
    if not NAME.fullmatch(host.name):
        reason = f"{host.name!r} cannot be the name of a node: only letters, digits and hyphens are allowed."
        refusals.append(Refusal(reason, "Set another name with hostnamectl, before anything else is set up."))
    loopback = [str(ip) for ip in host.resolves_to if ip.is_loopback]
    hint = f"In /etc/hosts, give {host.name} this node's own address and remove it from the 127.* line."
    if loopback:
        refusals.append(Refusal(f"The name {host.name} resolves to {', '.join(loopback)} on the node itself.", hint))
    elif not host.resolves_to:
        refusals.append(Refusal(f"The name {host.name} does not resolve to any address on the node itself.", hint))
    elif not any(host.has(ip) for ip in host.resolves_to):
        found = ", ".join(map(str, host.resolves_to))
        refusals.append(
            Refusal(f"The name {host.name} resolves to {found}, which is not an address of this node.", hint)
        )
    return tuple(refusals)


def _refuse_guests(observed: ObservedCluster) -> tuple[Refusal, ...]:
    """A join replaces all of /etc/pve by the cluster's, also the guests' configurations."""
    if not observed.guests:
        return ()
    return (
        Refusal(
            f"{observed.host.name} has guests ({', '.join(observed.guests)}); a join would lose their configuration.",
            "Back them up and remove them (vzdump, qm destroy, pct destroy), join, and restore them.",
        ),
    )


def _refuse_lost_keys(desired: DesiredCluster, lead: Lead, observed: ObservedCluster) -> tuple[Refusal, ...]:
    """After a join root's authorized_keys is the cluster's; a key that only this node knows can no longer log in."""
    if desired.join_drops_keys or lead.keys is None:
        return ()
    kept = {key.key for key in lead.keys}
    lost = [str(key) for key in observed.keys if key.key not in kept]
    if not lost:
        return ()
    return (
        Refusal(
            f"Keys that may log in as root on {observed.host.name}, but not on the member through which it joins "
            f"({lead.address}), would be lost by the join: {', '.join(lost)}.",
            "Authorise them on that member first, or set join_drops_keys.",
        ),
    )
