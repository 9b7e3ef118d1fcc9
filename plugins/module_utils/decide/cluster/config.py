# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how the configuration of a running cluster is changed: written, proved on every node, kept or taken back.

From the moment in which a change is written until it is proved, the configuration before it lies beside it
(``UNPROVED``). So whoever looks at the cluster next, also after a power cut, knows that a proof is missing and what to
go back to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, Wait, WriteFile
from ...model.cluster.cluster import CONFIG, MEMBER, CorosyncConfig, Member, ObservedCluster
from ...model.cluster.conditions import connected, loaded
from ...model.cluster.config import (
    BACKUP,
    BEGIN,
    FINISH,
    UNPROVED,
    ChangeReport,
    DesiredClusterConfig,
    DesiredNode,
    DesiredQDevice,
)
from ...model.cluster.corosync_conf import TWO_NODE, parse_corosync_conf
from ...model.cluster.corosync_start import reasons_not_to_start
from ...model.cluster.links import is_address, link_name
from .corosync_edit import differences, document, edited, restored, wants_links, with_version
from .member import TWO_NODES
from .refusals import refuse_odd_device

#: pmxcfs hands a new configuration to corosync about a second after it was written; knet needs a few more for a link.
_DEADLINE = 45
_BY_HAND = (
    f"By hand, on a node with quorum: copy {UNPROVED} over {CONFIG} with a config_version that is one higher than the "
    'present one ("Edit corosync.conf" in pvecm(1)).'
)

_START_HINT = (
    "Links are given to all nodes at once (no --limit), the same to each. What does not go with a quorum device has to "
    'be taken out of the section quorum by hand ("Edit corosync.conf" in pvecm(1)).'
)


def desired_from(params: Mapping[str, Any]) -> DesiredClusterConfig:
    """Module parameters → desired state."""
    nodes = tuple(map(DesiredNode.parse, params["nodes"]))
    priorities, coefficient = tuple(params["link_priorities"]), params["token_coefficient"]
    counts = {len(node.links) for node in nodes if node.links}
    if priorities and counts and len(priorities) not in counts:
        raise Invalid(
            f"{len(priorities)} link priorities are given for {max(counts)} links.", "Give one for each link."
        )
    if any(not 0 <= priority <= 255 for priority in priorities):
        raise Invalid("A link priority is outside of 0 to 255.", "The link with the higher number is preferred.")
    if coefficient is not None and coefficient < 0 or any(node.votes is not None and node.votes < 0 for node in nodes):
        raise Invalid("A token coefficient and votes are whole numbers of at least 0.")
    return DesiredClusterConfig(
        name=params["name"],
        nodes=nodes,
        priorities=priorities,
        token_coefficient=coefficient,
        qdevice=_qdevice(params["qdevice"]),
        phase=params["phase"],
        reports=tuple(map(_report, params["reports"])),
    )


def _report(told: Mapping[str, Any]) -> ChangeReport:
    if not {"node", "problems"} <= set(told):
        raise Invalid("A report is what cluster_change_info returned: node and problems.")
    return ChangeReport(told["node"], tuple(told["problems"]))


def _qdevice(given: Optional[Mapping[str, Any]]) -> Optional[DesiredQDevice]:
    if given is None:
        return None
    if (given["state"] == "present") != (given["host"] is not None):
        raise Invalid("A quorum device with state=present needs its host; one with state=absent takes none.")
    return DesiredQDevice(given["host"], given["allow_odd"])


def decide(desired: DesiredClusterConfig, observed: ObservedCluster) -> Plan:
    config, text = observed.config, observed.config_text
    if config is None or text is None or observed.state != MEMBER:
        reason = f"{observed.host.name} is not a member of a cluster, so there is no configuration to change."
        return Plan(refusals=(Refusal(reason, "Create or join the cluster first (module cluster)."),))
    if config.name != desired.name:
        reason = f"{observed.host.name} is a member of the cluster {config.name}, not of {desired.name}."
        return Plan(refusals=(Refusal(reason, "Correct the name. A cluster cannot be renamed."),))
    wanted = edited(text, desired, config.names)
    bad = [f"{one.name}: {problem}" for one in desired.reports for problem in one.problems]
    if desired.phase == FINISH and bad:
        return _taken_back(observed, bad)
    if wanted is not None:
        after = parse_corosync_conf(wanted, config.names)
        return Plan(
            steps=(*_write(observed, wanted, differences(config, after)), *_prove(desired, observed, after)),
            refusals=_refuse(desired, observed, config, after),
            before=document(config),
            after=document(after),
        )
    if observed.unproved is None:
        return Plan(warnings=_warnings(desired, config))
    return Plan(steps=_prove(desired, observed, config), before=document(config), after=document(config))


def _write(observed: ObservedCluster, wanted: str, changes: Sequence[str]) -> tuple[Step, ...]:
    write = WriteFile(UNPROVED, observed.config_text or "")
    keep = Step(f"keep the working configuration as {UNPROVED}", write, f"file.write:{UNPROVED}", "cluster")
    version = parse_corosync_conf(wanted).version
    why = f"change the running cluster to version {version} of its configuration: {'; '.join(changes)}"
    change = write_step(why, wanted, version)
    return (change,) if observed.unproved is not None else (keep, change)


def write_step(why: str, text: str, version: int) -> Step:
    write = WriteFile(CONFIG, text, validate=("corosync", "-t", "-c", "%s"))
    return Step(why, write, f"corosync.configure:{version}", "cluster")


def loaded_step(version: int) -> Step:
    why = f"wait until corosync has loaded version {version} of its configuration"
    return Step(why, Wait((loaded(version),), timeout=_DEADLINE), f"corosync.load:{version}", "cluster")


def _prove(desired: DesiredClusterConfig, observed: ObservedCluster, config: CorosyncConfig) -> tuple[Step, ...]:
    """Only what has been seen to work becomes the new state; the one before it stays as a copy."""
    move = Run(("mv", UNPROVED, BACKUP))
    keep = Step(f"keep the previous configuration as {BACKUP}", move, f"file.move:{UNPROVED}", "cluster")
    kept = () if desired.phase == BEGIN else (keep,)
    if config == observed.config and not problems(observed):
        return kept
    others = [member for member in config.members if member.name != observed.host.name]
    links = Wait(tuple(one for member in others for one in connected(member)), timeout=_DEADLINE)
    why = "wait until every link to every other node is connected"
    return (loaded_step(config.version), Step(why, links, "links.connect", "network"), *kept)


def problems(observed: ObservedCluster) -> tuple[str, ...]:
    """Why this node cannot confirm that its cluster runs well as it is configured; a node in none says nothing."""
    config = observed.config
    if config is None:
        return ()
    found = []
    if observed.membership is None or not observed.membership.quorate:
        found.append("it has no quorum")
    if not observed.same_config:
        found.append("its /etc/corosync/corosync.conf is not the cluster's")
    if observed.running_version not in (None, config.version):
        found.append(f"corosync runs with version {observed.running_version}, not {config.version}")
    if observed.connections is not None:
        for member in config.members:
            found += _unconnected(member, observed)
    return tuple(found)


def problems_without(node: str, observed: ObservedCluster) -> tuple[str, ...]:
    """Why this member cannot confirm that the cluster is whole without a node that was deleted. Other members may be
    offline."""
    config = observed.config
    if config is None:
        return ()
    found = [*problems(replace(observed, connections=None))]
    if config.member(node):
        found.append(f"{node} is still in its configuration")
    votes, expected = sum(member.votes for member in config.members), observed.expected_votes
    if expected is not None and expected > votes and config.qdevice is None:
        found.append(f"corosync expects {expected} votes, and there are {votes}")
    for member in observed.members:
        found += _unconnected(member, observed) if member.online else []
    return tuple(found)


def _unconnected(member: Member, observed: ObservedCluster) -> list[str]:
    links = (observed.connections or {}).get(member.nodeid, {})
    names = [link_name(number) for number in sorted(member.links) if not links.get(number)]
    if member.name == observed.host.name or not names:
        return []
    return [f"{', '.join(names)} to {member.name} {'is' if len(names) == 1 else 'are'} not connected"]


def _taken_back(observed: ObservedCluster, bad: Sequence[str]) -> Plan:
    """Back to what worked; when that is reached, what is left is the refusal."""
    steps = undo_steps(observed)
    if steps:
        return Plan(steps=steps)
    reason = f"The change of the running cluster was taken back, because it was not proved: {'; '.join(bad)}."
    return Plan(refusals=(Refusal(reason, "Repair that, or correct what is wanted, and run this again."),))


def undo(desired: DesiredClusterConfig, observed: ObservedCluster) -> Plan:
    """What takes an unproved change back."""
    return Plan(steps=undo_steps(observed))


def undo_steps(observed: ObservedCluster) -> tuple[Step, ...]:
    before, text = observed.unproved, observed.config_text
    if before is None or text is None:
        return ()
    remove = Step(f"remove {UNPROVED}", RemoveFile(UNPROVED), f"file.remove:{UNPROVED}", "cluster")
    old = restored(before, text)
    if old == with_version(text, text):
        return (remove,)
    version = parse_corosync_conf(old).version
    why = f"take the change back, with version {version} of the configuration"
    return (Step(why, WriteFile(CONFIG, old), f"corosync.restore:{version}", "cluster", hint=_BY_HAND), remove)


def _refuse(
    desired: DesiredClusterConfig, observed: ObservedCluster, config: CorosyncConfig, after: CorosyncConfig
) -> tuple[Refusal, ...]:
    return (
        *_refuse_weak(observed),
        *_refuse_names(desired, config, observed.host.name),
        *_refuse_links(desired, config, after),
        *_refuse_start(config, after),
        *_refuse_qdevice(desired, config),
    )


def _refuse_weak(observed: ObservedCluster) -> tuple[Refusal, ...]:
    """A change reaches, and is proved by, all nodes or none."""
    name = observed.host.name
    if observed.membership is None or not observed.membership.quorate:
        reason = f"The cluster of {name} has no quorum, so its configuration is not changed."
        return (Refusal(reason, "Bring back its other nodes first."),)
    offline = ", ".join(member.name for member in observed.members if not member.online)
    refusals = []
    if offline:
        reason = f"{offline} of the cluster of {name} is not online, and would not learn of the change."
        refusals.append(Refusal(reason, "Start or remove the missing node first."))
    if not observed.same_config:
        reason = f"/etc/corosync/corosync.conf of {name} differs from the cluster's {CONFIG}."
        refusals.append(Refusal(reason, "pmxcfs copies it within seconds; if it stays, see journalctl -u pve-cluster."))
    return tuple(refusals)


def _refuse_names(desired: DesiredClusterConfig, config: CorosyncConfig, here: str) -> Iterator[Refusal]:
    """A name is compared by what it leads to."""
    for member in config.members:
        lost = [address for address in member.links.values() if not is_address(address)]
        if lost and wants_links(desired, member.name) is not None:
            reason = f"Names of links of {member.name} lead to no address on {here}: {', '.join(lost)}."
            hint = "Let them lead to one on every node (/etc/hosts), or write the addresses into corosync.conf."
            yield Refusal(f"{reason} So nobody can say whether they are the wanted ones.", hint)


def _refuse_start(config: CorosyncConfig, after: CorosyncConfig) -> Iterator[Refusal]:
    """Corosync would go on with the old configuration, or with this one until the next boot of a node."""
    reasons = tuple(reasons_not_to_start(after))
    if reasons:
        stays = " Nor would it with the present one." if tuple(reasons_not_to_start(config)) == reasons else ""
        yield Refusal(f"corosync would not start with this configuration: {'; '.join(reasons)}.{stays}", _START_HINT)
    if not after.expected_votes:
        yield Refusal("No node would have a vote, and the cluster no quorum.", "Give at least one node a vote.")


def _refuse_links(desired: DesiredClusterConfig, config: CorosyncConfig, after: CorosyncConfig) -> tuple[Refusal, ...]:
    refusals = []
    unknown = [one.name for one in after.members if not one.links.complete]
    if unknown:
        reason = f"Not every wanted link has an address on {', '.join(unknown)}."
        refusals.append(Refusal(reason, "Configure the addresses on the nodes first, or correct the links."))
    kept = [
        number
        for number in after.links
        if all(one.links.get(number) == (config.member(one.name) or one).links.get(number) for one in after.members)
    ]
    if not kept and _reordered(config, after):
        hint = "Their order is only their numbers: list them as they are, and prefer one by cluster_link_priorities."
        refusals.append(Refusal("The wanted links are those that run, in another order.", hint))
    elif not kept and after.links:
        reason = "Every link would change, and then a change that fails could not be taken back."
        refusals.append(
            Refusal(
                reason, "Change one link at a time: leave one of the present links as it is, and change that one later."
            )
        )
    return (*refusals, *_refuse_repeated(after))


def _reordered(config: CorosyncConfig, after: CorosyncConfig) -> bool:
    """One cannot get there link by link: in between, two links would be in one network."""
    before = {one.name: sorted(one.links.values()) for one in config.members}
    return before == {one.name: sorted(one.links.values()) for one in after.members}


def _refuse_repeated(after: CorosyncConfig) -> tuple[Refusal, ...]:
    pairs = [(address, one.name) for one in after.members for address in one.links.values() if address]
    repeated = sorted({address for address, dummy in pairs if sum(address == other for other, dummy in pairs) > 1})
    return tuple(
        Refusal(
            f"{address} would be a link address of {' and '.join(name for found, name in pairs if found == address)}.",
            "Every link of every node needs an address of its own.",
        )
        for address in repeated
    )


def _refuse_qdevice(desired: DesiredClusterConfig, config: CorosyncConfig) -> tuple[Refusal, ...]:
    """The nodes that are still to join count, too."""
    wanted = desired.qdevice
    count = len(_nodes_then(desired, config))
    if wanted is None or wanted.host is None or count % 2 == 0 or wanted.allow_odd:
        return ()
    return (refuse_odd_device(count),)


def _warnings(desired: DesiredClusterConfig, config: CorosyncConfig) -> tuple[str, ...]:
    """Of the cluster as it will be: the nodes that are still to join count, too."""
    bad = [
        f"At its next start, corosync refuses the cluster's configuration: {one}."
        for one in reasons_not_to_start(config)
    ]
    third_vote = config.qdevice or desired.qdevice or config.quorum.get(TWO_NODE)
    return (*bad, *(TWO_NODES if len(_nodes_then(desired, config)) == 2 and not third_vote else ()))


def _nodes_then(desired: DesiredClusterConfig, config: CorosyncConfig) -> set[str]:
    return {*(one.name for one in config.members), *(one.name for one in desired.nodes)}
