# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a drained node becomes a node of its own without being installed again.

Three parts, each recognised by what is there: it is bound to the cluster (corosync's files, or its entry in the
database of pmxcfs); it holds directories of other nodes; it has the cluster's certificate authority. The last goes
last, so that what was cut short before it is found again.

A stopped pmxcfs shows nothing of the second and third part: what may be found once it serves is announced as possible.

Files of the cluster are deleted in /etc/pve only after pmxcfs was seen to take part in no cluster: there they are this
node's own copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...engine.condition import Condition
from ...engine.plan import EditFile, MakeDirectory, Plan, Program, Refusal, RemoveFile, Run, Step, Wait
from ...engine.reader import Question
from ...model.cluster.authority import AUTHORITY
from ...model.cluster.cluster import AUTHKEY, CONFIG, DATABASE, LOCAL_CONFIG, MEMBERS
from ...model.guest.guest import NODES
from ...model.leaving.keys import AUTHORIZED_KEYS, KNOWN_HOSTS, WithoutHosts, WithoutRootOf
from ...model.leaving.membership import KEPT
from ...model.leaving.separation import (
    CLUSTER_FILES,
    CLUSTER_FOLDERS,
    CLUSTER_SECRETS,
    COROSYNC_STATE,
    MANAGERS,
    DesiredSeparation,
    ObservedSeparation,
)
from .stored_ceph import known_ceph, refuse_stored_ceph, warn_of_stored_ceph

_MINUTE = 60
#: A unit may need as long to stop or start.
_UNIT = 180
_SERVED = Question("read", (MEMBERS,))
#: pmxcfs serves /etc/pve and takes part in no cluster.
_ALONE = (
    Condition(_SERVED, (), "has", "nodename", "/etc/pve to be served"),
    Condition(_SERVED, (), "lacks", "cluster", "pmxcfs to take part in no cluster"),
)


def desired_from(params: Mapping[str, Any]) -> DesiredSeparation:
    """Module parameters → desired state."""
    return DesiredSeparation(
        node=params["node"],
        cluster=params["cluster"],
        drained=params["drained"],
        authority=params["authority"].upper(),
        others=tuple(params["others"]),
        ceph=known_ceph(params["ceph"]),
    )


def decide(desired: DesiredSeparation, observed: ObservedSeparation) -> Plan:
    steps = tuple(_steps(desired, observed))
    return Plan(
        steps=steps,
        possible=tuple(_possible(desired, observed, {step.id for step in steps})),
        refusals=tuple(_refuse_separation(desired, observed)),
        warnings=tuple(warn_of_stored_ceph(desired, observed.ceph)) if _foreign(desired, observed) else (),
        before=_document(desired, observed),
        after={"bound to a cluster": False, "directories of others": [], "authority of the cluster": False},
    )


def _document(desired: DesiredSeparation, observed: ObservedSeparation) -> dict[str, Any]:
    return {
        "bound to a cluster": observed.bound,
        "directories of others": list(observed.others),
        "authority of the cluster": observed.authority == desired.authority,
    }


def _foreign(desired: DesiredSeparation, observed: ObservedSeparation) -> bool:
    """What is in /etc/pve came from the cluster."""
    return observed.bound or bool(observed.others) or observed.authority == desired.authority


def _steps(desired: DesiredSeparation, observed: ObservedSeparation) -> Iterator[Step]:
    if not observed.cluster.installed:
        return
    if observed.bound:
        yield from _unbind(observed)
    elif not observed.serving:
        yield from _serve(observed)
    if _foreign(desired, observed):
        yield from _forget(desired, observed)
    yield from _renew(desired, observed)


def _possible(desired: DesiredSeparation, observed: ObservedSeparation, sure: set[str]) -> Iterator[Step]:
    """All that may be in /etc/pve, if nobody serves it now."""
    if not observed.cluster.installed or observed.cluster.mounted:
        return
    imagined = replace(
        observed,
        files=CLUSTER_FILES,
        folders=dict.fromkeys(CLUSTER_FOLDERS, ()),
        others=desired.others,
        secrets=CLUSTER_SECRETS,
        authority=desired.authority,
    )
    steps = [*_forget(desired, imagined, unseen=True), *_renew(desired, imagined)]
    yield from (step for step in steps if step.id not in sure)


def _unbind(observed: ObservedSeparation) -> Iterator[Step]:
    """corosync stops before anything is deleted, so that no other node can see a deletion."""
    seen = observed.cluster
    users = [name for name in MANAGERS if name in (*observed.managers, *observed.enabled)]
    if users:  # also one that does not run: the node may be booting
        stop = Run(("systemctl", "stop", *(f"{name}.service" for name in users)), timeout=_UNIT)
        yield Step(f"stop what uses /etc/pve: {', '.join(users)}", stop, "service.stop:managers", "service")
    if "corosync" not in seen.inactive:
        yield _systemctl("stop", "corosync")
    yield from _leave(observed)
    why = "wait until pmxcfs takes part in no cluster"
    yield Step(why, Wait(_ALONE, timeout=_MINUTE), "pmxcfs.is-alone", "cluster")
    yield _remove(CONFIG, f"remove {CONFIG} from this node's own database")
    for path in (LOCAL_CONFIG, AUTHKEY):
        yield _remove(path, f"remove {path}")
    yield from _serve(observed, running=True)


def _leave(observed: ObservedSeparation) -> Iterator[Step]:
    """pmxcfs without its unit and without the cluster. What has the cluster in it is copied, and only that."""
    seen = observed.cluster
    version = next((one.version for one in (seen.local_config, seen.config) if one is not None), 0)
    copy = f"{KEPT}/config.db.v{version}" if version or seen.database_clustered else ""
    paths = (DATABASE, copy) if copy else ()
    kept = f"keep a copy of the cluster's files in {copy}"
    if copy:
        yield Step(f"make {KEPT}", MakeDirectory(KEPT, mode=0o700), f"directory.make:{KEPT}", "file")
    if observed.serving or not observed.local:
        why = "serve /etc/pve without a cluster (pmxcfs -l)" + (f" and {kept}" if copy else "")
        yield Step(why, Program("pmxcfs", ("alone", *paths), timeout=_UNIT), "pmxcfs.alone", "cluster")
    elif copy:
        yield Step(kept, Program("pmxcfs", ("keep", *paths), timeout=_MINUTE), "pmxcfs.keep", "cluster")


def _serve(observed: ObservedSeparation, running: bool = False) -> Iterator[Step]:
    """pmxcfs without a unit ends, and the unit starts it."""
    if running or observed.local:
        why = "start pve-cluster in place of that pmxcfs"
        yield Step(why, Program("pmxcfs", ("unit",), timeout=_UNIT), "pmxcfs.unit", "cluster")
    else:
        yield _systemctl("start", "pve-cluster")
    yield Step("wait until /etc/pve is served", Wait(_ALONE, timeout=_MINUTE), "pmxcfs.is-served", "cluster")


def _systemctl(verb: str, name: str) -> Step:
    action = Run(("systemctl", verb, f"{name}.service"), timeout=_UNIT)
    return Step(f"{verb} {name}", action, f"service.{verb}:{name}", "service")


def _remove(path: str, why: str = "") -> Step:
    why = why or f"remove {path}, which was the cluster's"
    return Step(why, RemoveFile(path), f"file.remove:{path}", "file", destructive=True)


def _forget(desired: DesiredSeparation, observed: ObservedSeparation, unseen: bool = False) -> Iterator[Step]:
    """What the cluster has left on this node. ``unseen``: also what may be in files that nobody can read now."""
    if observed.state:
        empty = Run(("find", COROSYNC_STATE, "-mindepth", "1", "-delete"), timeout=_MINUTE)
        why = f"empty {COROSYNC_STATE}"
        yield Step(why, empty, f"directory.empty:{COROSYNC_STATE}", "cluster", destructive=True)
    for name in observed.others:
        path = f"{NODES}/{name}"
        drop = Run(("rm", "--recursive", path), timeout=_MINUTE)
        yield Step(f"remove {path}", drop, f"directory.remove:{path}", "file", destructive=True)
    yield from map(_remove, observed.files)
    for folder, names in observed.folders.items():
        why = f"remove what was the cluster's in {folder}" + (f": {', '.join(names)}" if names else "")
        drop = Run(("rm", *(f"{folder}/{name}" for name in names)), timeout=_MINUTE)
        yield Step(why, drop, f"directory.empty:{folder}", "file", destructive=True)
    keys, hosts = WithoutRootOf(desired.others), WithoutHosts(desired.others)
    if unseen or keys(observed.keys) != observed.keys:
        others = ", ".join(f"root@{name}" for name in desired.others)
        why = f"take the keys of {others} out of {AUTHORIZED_KEYS}"
        yield Step(why, EditFile(AUTHORIZED_KEYS, keys), "authorized_keys.remove:others", "access")
    if unseen or hosts(observed.hosts) != observed.hosts:
        why = f"take the other nodes out of {KNOWN_HOSTS}"
        yield Step(why, EditFile(KNOWN_HOSTS, hosts), "known_hosts.remove:others", "access")


def _renew(desired: DesiredSeparation, observed: ObservedSeparation) -> Iterator[Step]:
    """A node that has left must not be able to sign certificates or tickets of the cluster."""
    theirs = observed.authority == desired.authority
    if theirs:
        yield from map(_remove, (*observed.secrets, AUTHORITY))
    renewed = theirs or (not observed.authority and observed.cluster.mounted)
    if renewed:
        update = Run(("pvecm", "updatecerts", "--force"), timeout=_UNIT)
        why = "make keys and certificates of its own (pvecm updatecerts)"
        yield Step(why, update, "certificates.make", "access")
    if renewed or observed.cluster.mounted:  # else what has to be renewed first shows only later
        again = reversed(observed.enabled) if renewed or observed.bound else observed.stopped
        yield from (_systemctl("restart", name) for name in again)


def _refuse_separation(desired: DesiredSeparation, observed: ObservedSeparation) -> Iterator[Refusal]:
    seen = observed.cluster
    name = seen.host.name
    if name != desired.node:
        reason = f"This machine is called {name}, not {desired.node}."
        yield Refusal(reason, "Correct the inventory: another machine would be separated.")
    config = seen.config or seen.local_config
    if config is not None and config.name != desired.cluster:
        yield Refusal(f"{name} is in the cluster {config.name}, not in {desired.cluster}.", "Correct the inventory.")
    if not _foreign(desired, observed):
        return
    if not desired.drained:
        reason = f"The members of {desired.cluster} still see something on {name}, or were not asked."
        yield Refusal(reason, "Drain it first.")
    if observed.guests:
        reason = f"{name} has configurations of guests ({', '.join(observed.guests)}), which may run elsewhere."
        yield Refusal(reason, "Migrate them, or remove the files if the guests are elsewhere; or install it anew.")
    yield from refuse_stored_ceph(name, desired, observed.ceph)
