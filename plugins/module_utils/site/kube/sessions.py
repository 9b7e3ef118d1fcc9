# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sessions that a declared fabric means, between nodes and on its switches. They follow from the wish alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...decide.kube.fabric import fabric_from
from ...model.kube.fabric import Fabric, family
from .standing import declared

Kind = Literal["mesh", "reflector", "leaf", "spine"]


@dataclass(frozen=True)
class End:
    """A speaker, with the address by which the other end knows it."""

    name: str
    address: str
    asn: int


@dataclass(frozen=True)
class Session:
    """``one`` has the address that is smaller as a text."""

    one: End
    other: End
    kind: Kind


def sessions(fabric: Fabric) -> frozenset[Session]:
    return frozenset((*_of_nodes(fabric), *_of_spines(fabric)))


def _of_nodes(fabric: Fabric) -> Iterator[Session]:
    end = declared(fabric)
    ends = {
        address: End(member.name, address, group.asn)
        for group, member in fabric.members.values()
        for address in member.addresses
    }
    ends.update({one: End(leaf.name, one, leaf.asn) for leaf in fabric.leaves for one in leaf.addresses})
    leaves = {leaf.name for leaf in fabric.leaves}
    for name, own in end.addresses.items():
        for peer in end.peers_of(name):
            kind: Kind = "leaf" if ends[peer].name in leaves else "mesh" if end.mesh else "reflector"
            yield from (_session(ends[one], ends[peer], kind) for one in own if family(one) == family(peer))


def _of_spines(fabric: Fabric) -> Iterator[Session]:
    leaves = {leaf.name: leaf for leaf in fabric.leaves}
    for spine in fabric.spines:
        for name, cables in spine.links.items():
            for own, theirs in cables:
                yield _session(End(spine.name, own, spine.asn), End(name, theirs, leaves[name].asn), "spine")


def _session(one: End, other: End, kind: Kind) -> Session:
    first, second = sorted((one, other), key=lambda end: end.address)
    return Session(first, second, kind)


def neighbours(fabric: Fabric) -> dict[str, list[Session]]:
    """Speaker → its sessions, each with itself as ``one``; also a speaker without any."""
    switches = (*(one.name for one in fabric.leaves), *(one.name for one in fabric.spines))
    found: dict[str, list[Session]] = {name: [] for name in (*fabric.members, *switches)}
    for session in sorted(sessions(fabric), key=lambda one: (one.one.address, one.other.address)):
        found[session.one.name].append(session)
        found[session.other.name].append(Session(session.other, session.one, session.kind))
    return found


def bgp_sessions(fabric: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The same for users: speaker → with whom it is to speak."""
    return {
        name: [
            {"name": one.other.name, "address": one.other.address, "asn": one.other.asn, "kind": one.kind}
            for one in found
        ]
        for name, found in neighbours(fabric_from(fabric)).items()
    }
