# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide about a node on which creating or joining was cut short: finish it where that is provably right.

The order of upstream's own steps tells what was reached: a join registers the node at its peer, writes authkey and
corosync.conf into /etc/corosync, stops pmxcfs, removes its database, and starts corosync and pmxcfs anew.
"""

from __future__ import annotations

from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, TextWait
from ...model.cluster.cluster import (
    AUTHKEY,
    DATABASE,
    JOINING,
    LOCAL_CONFIG,
    PVECM_LOCK,
    CorosyncConfig,
    DesiredCluster,
    ObservedCluster,
)

_BACKUP = "/var/lib/pve-cluster/backup"
_START = ("systemctl", "start", "corosync.service", "pve-cluster.service")


def wait_for_pvecm() -> Step:
    """Its work goes on when the controller that started it has gone."""
    action = Run(("flock", "--timeout", "240", PVECM_LOCK, "true"), timeout=250)
    hint = (
        "pvecm waits for quorum without end: see `corosync-cfgtool -s` and `pvecm status` here, and whether the "
        "members reach this node on every link (UDP 5405 to 5412). If it waits in vain, end it."
    )
    return Step("wait for the pvecm command that is running on this node", action, hint=hint)


def decide_creating(desired: DesiredCluster, observed: ObservedCluster, links: tuple[str, ...]) -> Plan:
    """The configuration is written, but corosync and pmxcfs do not run with it yet."""
    config = observed.config
    name = observed.host.name
    if config is None or config.name != desired.name or [one.name for one in config.members] != [name]:
        reason = f"/etc/pve/corosync.conf of {name} {_describe(config)}, but pmxcfs runs without a cluster."
        hint = (
            "If the node is being separated from a cluster, finish that; else: systemctl restart corosync pve-cluster."
        )
        return Plan(refusals=(Refusal(reason, hint),))
    found = config.members[0].addresses
    if found != links:
        reason = f"Creating {config.name} was begun with the links {', '.join(found)}; wanted are {', '.join(links)}."
        return Plan(refusals=(Refusal(reason, "Give the links it was begun with."),))
    restart = Run(("systemctl", "restart", "corosync.service", "pve-cluster.service"), timeout=120)
    return Plan(steps=(Step(f"finish creating the cluster {desired.name} (start corosync, restart pmxcfs)", restart),))


def decide_joining(desired: DesiredCluster, observed: ObservedCluster, links: tuple[str, ...]) -> Plan:
    """corosync has its configuration, but pmxcfs has (or had, until it was moved away) the node's own database."""
    refusals = _refuse_to_finish(desired, observed, links)
    if refusals:
        return Plan(refusals=refusals)
    steps = []
    if observed.database:
        stop = Run(("systemctl", "stop", "pve-cluster.service"))
        # pmxcfs keeps up to three files: the database, its write-ahead log and that log's index
        find = ("find", "/var/lib/pve-cluster", "-maxdepth", "1", "-name", "config.db*")
        move = Run((*find, "-exec", "mv", "--target-directory", _BACKUP, "{}", "+"))
        steps += [
            Step("stop pmxcfs, which runs without the cluster", stop),
            Step(f"make {_BACKUP}", Run(("mkdir", "--parents", _BACKUP))),
            Step(f"move the node's old {DATABASE} to {_BACKUP}", move, destructive=True),
        ]
    steps += [
        Step(f"finish joining the cluster {desired.name} (start corosync and pmxcfs)", Run(_START, timeout=120)),
        Step("wait for quorum", TextWait(("cat", "/etc/pve/.members"), r'"quorate": 1', timeout=90)),
    ]
    return Plan(steps=tuple(steps))


def is_forgotten(desired: DesiredCluster, observed: ObservedCluster) -> bool:
    """A join was cut short, and the cluster does not, or no longer, list the node: the join has to begin anew.

    Nothing is lost by that: what the node has of the cluster are copies, and its own database has no cluster in it.
    """
    config, peer = observed.local_config, desired.peer
    if observed.state != JOINING or config is None or config.name != desired.name or peer is None or not peer.members:
        return False
    return all(one.name != observed.host.name for one in peer.members)


def clear_joining() -> tuple[Step, ...]:
    """Back to a node that is in no cluster. The key goes first: left alone, nobody could say whose it is."""
    return (
        Step("stop corosync, whose cluster does not list this node", Run(("systemctl", "stop", "corosync.service"))),
        Step(f"remove {AUTHKEY} of a join that was cut short", RemoveFile(AUTHKEY)),
        Step(f"remove {LOCAL_CONFIG} of a join that was cut short", RemoveFile(LOCAL_CONFIG)),
        Step(
            "start pve-cluster without the cluster", Run(("systemctl", "restart", "pve-cluster.service"), timeout=120)
        ),
    )


def _refuse_to_finish(
    desired: DesiredCluster, observed: ObservedCluster, links: tuple[str, ...]
) -> tuple[Refusal, ...]:
    config, name = observed.local_config, observed.host.name
    own = None if config is None else config.member(name)
    registered = desired.peer is not None and any(one.name == name for one in desired.peer.members or ())
    problems = []
    if config is None or config.name != desired.name:
        problems.append(f"{LOCAL_CONFIG} {_describe(config)}")
    elif own is None or own.addresses != links:
        problems.append(f"{LOCAL_CONFIG} does not list {name} with the wanted links")
    if not registered:
        problems.append(f"no member of {desired.name} that was asked lists {name}")
    if observed.guests:
        problems.append(f"the node has guests ({', '.join(observed.guests)})")
    if not problems:
        return ()
    reason = f"A join of {name} was cut short and cannot be finished: {'; '.join(problems)}."
    hint = (
        f"To begin anew: on this node `systemctl stop corosync; rm {LOCAL_CONFIG} {AUTHKEY}; systemctl restart "
        f"pve-cluster`, on a member `pvecm delnode {name}` if `pvecm nodes` or corosync.conf there lists it."
    )
    return (Refusal(reason, hint),)


def _describe(config: object) -> str:
    if not isinstance(config, CorosyncConfig):
        return "is missing"
    return f"is of the cluster {config.name} with {', '.join(one.name for one in config.members) or 'no nodes'}"
