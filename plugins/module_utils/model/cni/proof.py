# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the Kubernetes network model promises, as trials from each pod of a node, and whether what was seen keeps it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["connect", "whole", "name"]
Topic = Literal["", "not_reached", "nat_between_pods", "packets_too_large", "name_unknown"]
#: Where the answers are; nobody else should be there.
PORT = 48211


@dataclass(frozen=True)
class Pod:
    """One that answers. ``addresses`` of any family."""

    name: str
    node: str
    netns: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """Something of the cluster that pods have to reach. With a ``name`` it is a server of names."""

    address: str
    port: int
    name: str = ""


@dataclass(frozen=True)
class Trial:
    """``netns``: empty for the node itself. ``sources``: addresses that the other end may see; any if empty."""

    what: str
    kind: Kind
    netns: str
    address: str
    port: int
    sources: tuple[str, ...] = ()
    size: int = 0
    name: str = ""

    @property
    def request(self) -> dict[str, Any]:
        """For the program that asks."""
        told = self.port == PORT
        return {
            "kind": self.kind,
            "address": self.address,
            "port": self.port,
            "size": self.size,
            "name": self.name,
            "tells": told,
        }


@dataclass(frozen=True)
class Verdict:
    what: str
    address: str
    connected: bool
    ok: bool
    topic: Topic = ""
    text: str = ""
    source_seen: str = ""
    source_expected: list[str] = field(default_factory=list)


def trials_of(node: str, pods: Sequence[Pod], targets: Sequence[Target], mtu: int) -> Iterator[Trial]:
    """From every pod of the node to all others, on it and elsewhere, and from the node to all."""
    for pod in pods:
        for address in pod.addresses:
            place = "on this node" if pod.node == node else f"on {pod.node}"
            yield Trial(f"{node} to {pod.name} {place}", "connect", "", address, PORT)
    for own in (pod for pod in pods if pod.node == node):
        for other in pods:
            for address in other.addresses if other.name != own.name else ():
                yield from _to_pod(own, other, address, mtu)
        for target in targets:
            if target.name:
                what = f"{own.name} to the server of names for {target.name}"
                yield Trial(what, "name", own.netns, target.address, target.port, name=target.name)
            else:
                yield Trial(f"{own.name} to the service", "connect", own.netns, target.address, target.port)


def _to_pod(own: Pod, other: Pod, address: str, mtu: int) -> Iterator[Trial]:
    version = ipaddress.ip_address(address).version
    sources = tuple(one for one in own.addresses if ipaddress.ip_address(one).version == version)
    if not sources:
        return
    place = "on this node" if own.node == other.node else f"on {other.node}"
    yield Trial(f"{own.name} to {other.name} {place}", "connect", own.netns, address, PORT, sources)
    if mtu:
        what = f"{own.name} to {other.name} {place}, {mtu} bytes at once"
        yield Trial(what, "whole", own.netns, address, PORT, size=mtu)


def judged(trial: Trial, seen: Mapping[str, Any]) -> Verdict:
    """Reached is not enough: the other end has to see the sender."""
    expected = list(trial.sources)
    if not seen["answered"]:
        large = trial.kind == "whole"
        topic: Topic = "packets_too_large" if large else "not_reached"
        return Verdict(trial.what, trial.address, False, False, topic, _words(trial, str(seen["why"])), "", expected)
    if trial.kind == "name" and (seen["code"] or not seen["records"]):
        text = _words(trial, f"the server has no address for {trial.name} (code {seen['code']})")
        return Verdict(trial.what, trial.address, True, False, "name_unknown", text)
    source = str(seen.get("seen", ""))
    if expected and source not in expected:
        text = _words(trial, f"the other end sees {source or 'nobody'} instead of {' or '.join(expected)}")
        return Verdict(trial.what, trial.address, True, False, "nat_between_pods", text, source, expected)
    return Verdict(trial.what, trial.address, True, True, "", "", source, expected)


def _words(trial: Trial, told: str) -> str:
    return f"From {trial.what} ({trial.address}, port {trial.port}): {told}."
