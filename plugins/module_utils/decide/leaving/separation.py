# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a drained node becomes a node of its own without being installed again.

Three parts, each recognised by what is there: it is bound to the cluster (corosync's files, or its entry in the
database of pmxcfs); it holds directories of other nodes; it has the cluster's certificate authority. The last goes
last, so that what was cut short before it is found again.

A stopped pmxcfs shows nothing of the second and third part; these steps are marked ``mends``, to be taken when it does.

Files of the cluster are deleted in /etc/pve only after pmxcfs was seen to take part in no cluster: there they are this
node's own copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.plan import MakeDirectory, Plan, Refusal, RemoveFile, Run, Step, TextWait, WriteFile
from ...model.cluster.cluster import AUTHKEY, CONFIG, DATABASE, LOCAL_CONFIG, MEMBERS
from ...model.guest.guest import NODES
from ...model.leaving.membership import AUTHORIZED_KEYS, KEPT, KNOWN_HOSTS
from ...model.leaving.separation import AUTHORITY, MANAGERS, DesiredSeparation, ObservedSeparation
from .leave import without_host, without_root_of

_MINUTE = 60
_ALONE = r'\A(?=\s*\{)(?=[\s\S]*"nodename")(?![\s\S]*"cluster")'


def desired_from(params: Mapping[str, Any]) -> DesiredSeparation:
    """Module parameters → desired state."""
    return DesiredSeparation(
        node=params["node"],
        cluster=params["cluster"],
        drained=params["drained"],
        authority=params["authority"].upper(),
        others=tuple(params["others"]),
    )


def decide(desired: DesiredSeparation, observed: ObservedSeparation) -> Plan:
    return Plan(
        steps=tuple(_steps(desired, observed)),
        refusals=tuple(_refuse(desired, observed)),
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
    if observed.state and _foreign(desired, observed):
        empty = Run(("find", "/var/lib/corosync", "-mindepth", "1", "-delete"), timeout=_MINUTE)
        yield Step("empty /var/lib/corosync", empty, destructive=True, mends=True)
    if _foreign(desired, observed):
        yield from _forget(desired, observed)
    yield from _renew(desired, observed)


def _unbind(observed: ObservedSeparation) -> Iterator[Step]:
    """corosync stops before anything is deleted, so that no other node can see a deletion."""
    seen = observed.cluster
    users = [name for name in MANAGERS if name in (*observed.managers, *observed.enabled)]
    if users:  # also one that does not run: the node may be booting
        stop = Run(("systemctl", "stop", *(f"{name}.service" for name in users)), timeout=180)
        yield Step(f"stop what uses /etc/pve: {', '.join(users)}", stop)
    if "corosync" not in seen.inactive:
        yield _systemctl("stop", "corosync")
    yield from _leave(observed)
    yield Step("wait until pmxcfs takes part in no cluster", TextWait(("cat", MEMBERS), _ALONE, timeout=_MINUTE))
    yield Step(f"remove {CONFIG} from this node's own database", RemoveFile(CONFIG), destructive=True)
    for path in (LOCAL_CONFIG, AUTHKEY):
        yield Step(f"remove {path}", RemoveFile(path), destructive=True)
    yield from _serve(observed, running=True)


def _leave(observed: ObservedSeparation) -> Iterator[Step]:
    """pmxcfs without its unit and without the cluster. What has the cluster in it is copied, and only that.

    One command, which goes on when this run is killed: root's authorized_keys are a link into /etc/pve, and while
    nobody serves that, the next run could not log in.
    """
    seen = observed.cluster
    version = next((one.version for one in (seen.local_config, seen.config) if one is not None), 0)
    copy = f"{KEPT}/config.db.v{version}" if version or seen.database_clustered else ""
    keep = ("cp", "--no-clobber", DATABASE, copy) if copy else ("true",)
    kept = f"keep a copy of the cluster's files in {copy}"
    if copy:
        yield Step(f"make {KEPT}", MakeDirectory(KEPT, mode=0o700))
    if observed.serving or not observed.local:
        script = f"systemctl stop pve-cluster.service; {' '.join(keep)}; kept=$?"
        script += "; pmxcfs -l || { systemctl start pve-cluster.service; exit 1; }; exit $kept"
        why = "serve /etc/pve without a cluster (pmxcfs -l)" + (f" and {kept}" if copy else "")
        yield Step(why, Run(("sh", "-c", script), timeout=180))
    elif copy:
        yield Step(kept, Run(keep, timeout=_MINUTE))


def _serve(observed: ObservedSeparation, running: bool = False) -> Iterator[Step]:
    """pmxcfs without a unit ends, and the unit starts it; in one command for the reason above."""
    if running or observed.local:
        script = "pkill --exact pmxcfs; for tick in $(seq 300); do pgrep --exact pmxcfs > /dev/null || break; sleep 0.1"
        script += "; done; systemctl start pve-cluster.service"
        yield Step("start pve-cluster in place of that pmxcfs", Run(("sh", "-c", script), timeout=180))
    else:
        yield _systemctl("start", "pve-cluster")
    yield Step("wait until /etc/pve is served", TextWait(("cat", MEMBERS), _ALONE, timeout=_MINUTE))


def _systemctl(verb: str, name: str, mends: bool = False) -> Step:
    return Step(f"{verb} {name}", Run(("systemctl", verb, f"{name}.service"), timeout=180), mends=mends)


def _forget(desired: DesiredSeparation, observed: ObservedSeparation) -> Iterator[Step]:
    for name in observed.others:
        path = f"{NODES}/{name}"
        yield Step(f"remove {path}", Run(("rm", "--recursive", path), timeout=_MINUTE), destructive=True, mends=True)
    for path in observed.files:
        yield Step(f"remove {path}, which was the cluster's", RemoveFile(path), destructive=True, mends=True)
    keys, hosts = observed.keys, observed.hosts
    for name in desired.others:
        keys, hosts = without_root_of(name, keys), without_host(name, frozenset(), hosts)
    if keys != observed.keys:
        others = ", ".join(f"root@{name}" for name in desired.others)
        write = WriteFile(AUTHORIZED_KEYS, keys, 0o600)
        yield Step(f"take the keys of {others} out of {AUTHORIZED_KEYS}", write, mends=True)
    if hosts != observed.hosts:
        yield Step(f"take the other nodes out of {KNOWN_HOSTS}", WriteFile(KNOWN_HOSTS, hosts, 0o600), mends=True)


def _renew(desired: DesiredSeparation, observed: ObservedSeparation) -> Iterator[Step]:
    """A node that has left must not be able to sign certificates or tickets of the cluster."""
    if observed.authority == desired.authority:
        for path in (*observed.secrets, AUTHORITY):
            yield Step(f"remove {path}, which was the cluster's", RemoveFile(path), destructive=True, mends=True)
    elif observed.authority or not observed.cluster.mounted:
        yield from (_systemctl("start", name, mends=True) for name in observed.stopped)
        return
    update = Run(("pvecm", "updatecerts", "--force"), timeout=180)
    yield Step("make keys and certificates of its own (pvecm updatecerts)", update, mends=True)
    for name in reversed(observed.enabled):
        yield _systemctl("restart", name, mends=True)


def _refuse(desired: DesiredSeparation, observed: ObservedSeparation) -> Iterator[Refusal]:
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
        reason = f"The members of {desired.cluster} still see something on {name}, or nobody has asked them."
        yield Refusal(reason, "Drain it first.")
    if observed.guests:
        reason = f"{name} has configurations of guests ({', '.join(observed.guests)}), which may run elsewhere."
        yield Refusal(reason, "Migrate them, or remove the files if the guests are elsewhere; or install it anew.")
    if observed.ceph:
        reason = f"Daemons of the cluster's Ceph are on {name}: {', '.join(observed.ceph)}."
        hint = (
            "Destroy them first (pveceph osd, mds, mgr, mon destroy). Where Ceph does not know them any more, as after"
        )
        yield Refusal(reason, f"{hint} the removal of a dead node, install the node anew.")
