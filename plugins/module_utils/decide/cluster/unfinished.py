# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide about a node on which creating or joining was cut short: finish it where that is provably right.

The order of upstream's own steps tells what was reached: a join registers the node at the lead, writes authkey and
corosync.conf into /etc/corosync, stops pmxcfs, removes its database, and starts corosync and pmxcfs anew.
"""

from __future__ import annotations

from collections.abc import Collection

from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, Wait
from ...model.cluster.cluster import (
    AUTHKEY,
    DATABASE,
    JOINING,
    LOCAL_CONFIG,
    PVECM_LOCK,
    CorosyncConfig,
    ObservedCluster,
)
from ...model.cluster.conditions import QUORATE, synchronised
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.links import Links

_BACKUP = "/var/lib/pve-cluster/backup"
_START = ("systemctl", "start", "corosync.service", "pve-cluster.service")


def wait_for_pvecm() -> Step:
    """Its work goes on when the controller that started it has gone."""
    action = Run(("flock", "--timeout", "240", PVECM_LOCK, "true"), timeout=250)
    hint = (
        "pvecm waits for quorum without a limit: see `corosync-cfgtool -s` and `pvecm status` here, and whether the "
        "members reach this node on every link (UDP 5405 to 5412). If it waits in vain, end it (kill)."
    )
    why = "wait for the pvecm command that is running on this node"
    return Step(why, action, "pvecm.wait", "cluster", hint=hint)


def wait_for_quorum(missing: str = "") -> Step:
    """``missing``: the nodes that are not there yet, in words."""
    why = f"wait for quorum (still missing: {missing})" if missing else "wait for quorum"
    return Step(why, Wait((QUORATE,), timeout=90), "quorum.wait", "quorum")


def wait_for_data(others: Collection[str]) -> Step:
    """``others``: the further members."""
    hint = (
        "pmxcfs of a member that has the data must be online: see journalctl -u pve-cluster there. Do not run `pvecm "
        "updatecerts` here before that: it would make a second certificate authority for the cluster."
    )
    why = "wait for the cluster's data, which the other members have not sent to /etc/pve yet"
    return Step(why, Wait(synchronised(others), timeout=90), "data.wait:/etc/pve", "cluster", hint=hint)


def remove_left_over(path: str) -> Step:
    why = f"remove {path} of a join that was cut short"
    return Step(why, RemoveFile(path), f"file.remove:{path}", "cluster")


def decide_creating(desired: DesiredCluster, observed: ObservedCluster, links: Links) -> Plan:
    """The configuration is written, but corosync and pmxcfs do not run with it yet."""
    config = observed.config
    name = observed.host.name
    if config is None or config.name != desired.name or [one.name for one in config.members] != [name]:
        reason = f"/etc/pve/corosync.conf of {name} {_describe(config)}, but pmxcfs runs without a cluster."
        hint = (
            "If the node is being separated from a cluster, finish that; else: systemctl restart corosync pve-cluster."
        )
        return Plan(refusals=(Refusal(reason, hint),))
    found = config.members[0].links
    if found != links:
        reason = f"The creation of {config.name} was begun with the links {found}, not {links}."
        return Plan(refusals=(Refusal(reason, "Give the links it was begun with."),))
    restart = Run(("systemctl", "restart", "corosync.service", "pve-cluster.service"), timeout=120)
    why = f"finish creating the cluster {desired.name} (start corosync, restart pmxcfs)"
    cause = "corosync.conf is written, and pmxcfs runs without a cluster"
    return Plan(steps=(Step(why, restart, f"cluster.finish-creation:{desired.name}", "cluster", because=cause),))


def decide_joining(desired: DesiredCluster, observed: ObservedCluster, links: Links) -> Plan:
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
            Step("stop pmxcfs, which runs without the cluster", stop, "service.stop:pve-cluster", "service"),
            Step(f"make {_BACKUP}", Run(("mkdir", "--parents", _BACKUP)), f"directory.make:{_BACKUP}", "file"),
            Step(
                f"move the node's old {DATABASE} to {_BACKUP}",
                move,
                f"file.move:{DATABASE}",
                "cluster",
                destructive=True,
                because="a join was cut short, and that of the cluster takes its place",
            ),
        ]
    why = f"finish joining the cluster {desired.name} (start corosync and pmxcfs)"
    cause = "corosync has the cluster's configuration, and pmxcfs not its data"
    start = Step(why, Run(_START, timeout=120), f"cluster.finish-join:{desired.name}", "cluster", because=cause)
    return Plan(steps=(*steps, start, wait_for_quorum(), wait_for_data(observed.others)))


def is_forgotten(desired: DesiredCluster, observed: ObservedCluster) -> bool:
    """A join was cut short, and the cluster does not, or no longer, list the node: the join has to begin anew.

    Nothing is lost by that: what the node has of the cluster are copies, and its own database has no cluster in it.
    """
    config, lead = observed.local_config, desired.lead
    if observed.state != JOINING or config is None or config.name != desired.name or lead is None or not lead.members:
        return False
    return all(one.name != observed.host.name for one in lead.members)


def clear_joining() -> tuple[Step, ...]:
    """Back to a node that is in no cluster. The key goes first: left alone, nobody could say whose it is."""
    stop = Run(("systemctl", "stop", "corosync.service"))
    restart = Run(("systemctl", "restart", "pve-cluster.service"), timeout=120)
    return (
        Step("stop corosync, whose cluster does not list this node", stop, "service.stop:corosync", "service"),
        remove_left_over(AUTHKEY),
        remove_left_over(LOCAL_CONFIG),
        Step("start pve-cluster without the cluster", restart, "service.restart:pve-cluster", "service"),
    )


def _refuse_to_finish(desired: DesiredCluster, observed: ObservedCluster, links: Links) -> tuple[Refusal, ...]:
    config, name = observed.local_config, observed.host.name
    own = None if config is None else config.member(name)
    registered = desired.lead is not None and any(one.name == name for one in desired.lead.members or ())
    problems = []
    if config is None or config.name != desired.name:
        problems.append(f"{LOCAL_CONFIG} {_describe(config)}")
    elif own is None or own.links != links:
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
