# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a leaf or a spine of a declared fabric has to be configured with, whoever has made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from ...engine.errors import Invalid
from ...model.kube.fabric import Fabric, Leaf, Spine
from .sessions import Session, neighbours


@dataclass(frozen=True)
class Rack:
    """Nodes behind a leaf. Of routes that they tell only those are taken whose path is their own AS and no other one:
    on the way from a mesh their reflectors also have routes of other racks, by paths that must not be taken.
    """

    name: str
    asn: int

    @property
    def paths(self) -> str:
        """A regular expression for such paths, as FRR, H3C and Huawei understand it."""
        return f"^{self.asn}(_{self.asn})*$"


@dataclass(frozen=True)
class Neighbour:
    """``rack``: whose node it is; None of a switch."""

    name: str
    address: str
    asn: int
    rack: Optional[Rack]


@dataclass(frozen=True)
class Switch:
    """``networks``: of its rack, which others are told of."""

    name: str
    asn: int
    router_id: str
    networks: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]

    @property
    def racks(self) -> tuple[Rack, ...]:
        return tuple(dict.fromkeys(one.rack for one in self.neighbours if one.rack is not None))


def switch_of(fabric: Fabric, name: str) -> Switch:
    known: dict[str, Union[Leaf, Spine]] = {leaf.name: leaf for leaf in fabric.leaves}
    known.update({spine.name: spine for spine in fabric.spines})
    if name not in known:
        raise Invalid(f"{name} is no switch of the fabric; it has {', '.join(sorted(known)) or 'none'}.")
    own = known[name]
    identity, networks = (own.router_id, own.networks) if isinstance(own, Leaf) else ("", ())
    found = tuple(_neighbour(fabric, session) for session in neighbours(fabric)[name])
    return Switch(name, own.asn, identity, networks, found)


def _neighbour(fabric: Fabric, session: Session) -> Neighbour:
    other = session.other
    group = fabric.members[other.name][0] if session.kind == "leaf" and other.name in fabric.members else None
    return Neighbour(other.name, other.address, other.asn, None if group is None else Rack(group.name, group.asn))
