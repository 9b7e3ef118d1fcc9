# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run tells besides its plan: what is not as it should be, and what is meant so perhaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...decide.kube.desired import DesiredCalico
from ...decide.kube.fabric import fabric_warnings
from ...engine.plan import Step
from ...model.kube.calico import MARK, ObservedCalico
from ...model.kube.fabric import ROUTE_REFLECTOR
from .objects import BRIDGE, holder, meaning, wanted_peers
from .proof import Expected
from .standing import standing

_HOSTNAME = "kubernetes.io/hostname"
#: More of the same would hide what else is told.
_MOST = 10


def warnings(desired: DesiredCalico, observed: ObservedCalico, steps: Sequence[Step]) -> Iterator[str]:
    yield from fabric_warnings(desired.fabric)
    yield from _nodes(desired, observed)
    yield from _peers(desired, observed)
    if desired.fabric.topology == ROUTE_REFLECTOR and (observed.config or {}).get("serviceClusterIPs"):
        yield "Behind reflectors that keep next hops, a leaf has one next hop for the service prefix per reflector."
    if not steps and observed.statuses is not None:
        missing = Expected(observed).proof(standing(desired.fabric, observed)).missing(observed.statuses)
        yield from (f"{one}." for one in missing[:_MOST])
        if len(missing) > _MOST:
            yield f"{len(missing) - _MOST} more of the kind."


def _nodes(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[str]:
    owners: dict[str, str] = {}
    for name, node in sorted(observed.nodes.items()):
        host = node.labels.get(_HOSTNAME, name)
        if owners.setdefault(host, name) != name:
            yield f"{owners[host]} and {name} both have the label {_HOSTNAME}={host}."
        if observed.known_uids.get(name, node.uid) != node.uid:
            yield f"{name} is a new node under its name: its labels, AS and cluster id have gone with the former one."
            yield from _single(desired, observed, name)
        if MARK in node.annotations:
            yield f"{name} is cordoned by a change of an earlier run."
        kept = [str(pod) for pod in node.pods if pod.kept]
        if kept and any(not pod.kept for pod in node.pods):
            yield f"On {name} these pods stay while its sessions begin anew: {', '.join(kept)}."
    for name in desired.fabric.members:
        if name not in observed.nodes:
            yield f"{name} is declared, and no node of the cluster."


def _single(desired: DesiredCalico, observed: ObservedCalico, name: str) -> Iterator[str]:
    if name in desired.fabric.members:
        group, member = desired.fabric.members[name]
        left = [one for one in group.reflectors if one.name != name and one.name in observed.nodes]
        if member.reflector and len(left) == 1:
            yield f"{group.name} has only one reflector left, {left[0].name}, until {name} is one again."


def _peers(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[str]:
    wanted = wanted_peers(desired.fabric)
    holders = {name: holder(name, spec, observed.peers) for name, spec in wanted.items()}
    for name, there in holders.items():
        if there is None or desired.allow_restart:
            continue
        found = meaning(observed.peers[there])
        if wanted[name].get("keepOriginalNextHop") and not found.get("keepOriginalNextHop"):
            yield (
                f"The peer {there} does not keep next hops: all traffic into the rack goes through the reflectors."
                " allow_restart sets it; its sessions then end for a moment."
            )
    for name in sorted(set(observed.peers) - set(holders.values()) - {BRIDGE}):
        if not desired.exclusive:
            yield f"The peer {name} is not declared, and stays."
