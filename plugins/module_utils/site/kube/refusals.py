# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stops a change of a cluster's routes before it begins."""

from __future__ import annotations

from collections.abc import Iterator

from ...decide.kube.desired import DesiredCalico
from ...engine.plan import Refusal
from ...model.kube.calico import ObservedCalico
from .blocks import stranded
from .objects import OWN_ONLY, OWN_ONLY_SPEC, disrupts, holder, meaning, node_change, wanted_peers

#: Fields of a BGPPeer, or of what it names → the release that has them.
_SINCE = {"numAllowedLocalASNumbers": (3, 24), "filters": (3, 28)}


def refuse(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[Refusal]:
    if observed.statuses is None:
        yield Refusal(
            "This Calico does not tell its sessions through the API: it has no CalicoNodeStatus.",
            "Upgrade it to 3.21 or later: no change of routes is made that nobody can see.",
        )
        return
    for kind in observed.untold:
        yield Refusal(
            f"This cluster's API does not tell {kind} of Calico: that there are none is not known.",
            "Only a Calico that keeps them as objects of Kubernetes (crd.projectcalico.org) can be changed.",
        )
    yield from _environment(observed)
    yield from _nodes(desired, observed)
    yield from _blocks(desired, observed)
    yield from _peers(desired, observed)
    yield from _filter(observed)
    yield from _drains(desired, observed)
    if desired.fabric.password is not None and not observed.secret_readable:
        secret = desired.fabric.password.name
        yield Refusal(
            f"calico-node may not read the secret {secret} in {observed.namespace}, or it is not there.",
            "Make it, with a Role and a RoleBinding for the service account calico-node.",
        )


def _environment(observed: ObservedCalico) -> Iterator[Refusal]:
    if observed.environment.get("AS"):
        yield Refusal(
            f"calico-node has AS={observed.environment['AS']} in its environment, and writes it over every node's own"
            " AS number at each start.",
            "Remove it from the DaemonSet.",
        )
    identity = observed.environment.get("CALICO_ROUTER_ID", "")
    without = sorted(name for name, node in observed.nodes.items() if node.addresses and not node.address)
    if without and identity != "hash":
        yield Refusal(
            f"{without[0]} has no IPv4 address, so it has no router id: BIRD does not start there.",
            "Set CALICO_ROUTER_ID to hash in the DaemonSet.",
        )
    if identity not in ("", "hash") and len(observed.nodes) > 1:
        yield Refusal(
            f"All nodes have the router id {identity}, by CALICO_ROUTER_ID: behind a reflector every session is"
            " Established and routes are missing.",
            "Remove it from the DaemonSet.",
        )


def _nodes(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[Refusal]:
    known = desired.fabric.members
    for name, node in sorted(observed.nodes.items()):
        if not node.addresses:
            yield Refusal(f"{name} has no address of Calico's: calico-node has not run there.")
        elif name in known and known[name][1].addresses != node.addresses:
            found, said = (" and ".join(one) for one in (node.addresses, known[name][1].addresses))
            yield Refusal(f"{name} has the address {found}, and {said} is declared.")
        elif name not in known and desired.fabric.topology != "full_mesh":
            yield Refusal(f"{name} is in no group: without the mesh it would have no routes.", "Add it to one.")


def _blocks(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[Refusal]:
    if desired.fabric.topology == "full_mesh":
        return
    for block, reason in sorted(stranded(observed).items()):
        pods = ", ".join(sorted(observed.tenants[block]))
        yield Refusal(
            f"The block {block} {reason}: a reflector does not pass it on, and these pods would be cut off: {pods}.",
            f"Make an IPPool that holds {block}, with disabled: true, until they have moved.",
        )


def _peers(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[Refusal]:
    for name, spec in wanted_peers(desired.fabric).items():
        there = holder(name, spec, observed.peers)
        for key, since in _SINCE.items():
            if key in spec and observed.release is not None and observed.release < since:
                has = ".".join(map(str, since))
                yield Refusal(
                    f"{name} needs {key} as Calico has them since {has}.", "Upgrade it, or take route_reflector."
                )
        if there is None or desired.allow_restart:
            continue
        found, wanted = meaning(observed.peers[there]), meaning(spec)
        if found != wanted and {**found, "keepOriginalNextHop": True} != wanted:
            yield Refusal(
                f"The peer {there} is another one than declared; its sessions would all end at the same moment.",
                "Say allow_restart if that may be, or declare it as it is.",
            )


def _filter(observed: ObservedCalico) -> Iterator[Refusal]:
    if observed.filters.get(OWN_ONLY, OWN_ONLY_SPEC) != OWN_ONLY_SPEC:
        yield Refusal(f"There is another filter by the name of {OWN_ONLY}.", "Give it another name.")


def _drains(desired: DesiredCalico, observed: ObservedCalico) -> Iterator[Refusal]:
    for name in desired.fabric.members:
        node = observed.nodes.get(name)
        if node is None or not node_change(desired.fabric, node, observed):
            continue
        if disrupts(desired.fabric, node, observed):
            lost = [str(pod) for pod in node.pods if not pod.kept and not pod.controlled]
            if lost:
                yield Refusal(
                    f"{name} has to be drained, and nobody would start these pods again: {', '.join(lost)}.",
                    "Move or remove them.",
                )
            moving = any(not pod.kept for pod in node.pods)
            if moving and all(one.unschedulable for one in observed.nodes.values() if one.name != name):
                yield Refusal(f"{name} has to be drained, and there is no other node for its pods.")
