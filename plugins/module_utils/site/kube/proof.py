# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has to be seen at one moment of the way, and what of it is missing in what the nodes tell.

A session is up when both of its ends say so. That it is up proves no route: those are looked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ...engine.condition import Condition
from ...engine.reader import CLUSTER, Question
from ...model.kube.bgp_view import ESTABLISHED
from ...model.kube.calico import ObservedCalico, Status
from ...model.kube.fabric import family
from ...model.kube.status import PERIOD, seconds_between, statuses_from
from .blocks import Announced, announced, passed_on
from .standing import Standing

#: What is there when a wait begins is a report of an age of up to a period. Another one so much younger than it was
#: made after the wait began, and a few seconds after the change before it.
_LATER = PERIOD + 5


@dataclass(frozen=True)
class Proof:
    """``routes``: node → what it announces. ``nodes``: those that are judged. ``names``: address → node.

    ``told``: node → when it told what was there when the wait for all this began. Only what it tells a while later was
    looked at after the change before the wait, and after BIRD had taken it. ``without``: the node that others are to do
    without. ``reflected``: everything has to come by way of the reflectors and the leaves as well, so that
    the mesh can go.
    """

    standing: Standing
    nodes: tuple[str, ...]
    routes: Announced
    reflected: bool = False
    without: str = ""
    told: Mapping[str, str] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {one: name for name, own in self.standing.addresses.items() for one in own})

    def __call__(self, items: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        return self.missing(statuses_from(items))

    def since(self, items: Iterable[Mapping[str, Any]]) -> Proof:
        """The same, of what is told after these."""
        return replace(self, told={name: status.updated for name, status in statuses_from(items).items()})

    def missing(self, statuses: Mapping[str, Status]) -> tuple[str, ...]:
        found: list[str] = []
        for name in self.nodes:
            status = statuses.get(name)
            if status is None or not status.updated:
                found.append(f"{name} does not tell")
            elif self.told.get(name) and seconds_between(self.told[name], status.updated) <= _LATER:
                found.append(f"{name} has told nothing since")
            elif not self.standing.families(name) <= status.ready:
                found.append(f"BIRD of {name} starts, or waits for its neighbours after a start")
            elif self.without:
                found += self._reflected(status)
            else:
                found += [*self._sessions(status, statuses), *self._routes(status)]
                found += self._reflected(status) if self.reflected else ()
        return tuple(found)

    def _sessions(self, status: Status, statuses: Mapping[str, Status]) -> Iterator[str]:
        """Another session than those expected means that it has not taken the change yet."""
        up = {seen.peer for seen in status.sessions if seen.state == ESTABLISHED}
        wanted = self.standing.peers_of(status.node)
        own = frozenset(self.standing.addresses.get(status.node, ()))
        for peer in sorted(wanted):
            name = self.names.get(peer)
            other = statuses.get(name) if name is not None else None
            if peer not in up:
                state = next((seen.state for seen in status.sessions if seen.peer == peer), "not configured")
                yield f"{status.node} has no session with {name or peer} ({state})"
            elif name is not None and not _up(other, own, peer):
                yield f"{name} has no session with {status.node}, which believes that it has one"
        for seen in status.sessions:
            if seen.peer in self.names and seen.peer not in wanted:
                yield f"{status.node} still has a session with {self.names[seen.peer]}"
            elif seen.mesh and not self.standing.mesh:
                yield f"{status.node} still takes part in the mesh"
                break

    def _routes(self, status: Status) -> Iterator[str]:
        have = {route.prefix for route in status.routes if route.best and route.gateway}
        yield from self._lacking(status.node, have, f"{status.node} has no route to {{}}")

    def _lacking(self, name: str, have: set[str], sentence: str) -> Iterator[str]:
        """Of all that others announce."""
        own = self.standing.families(name)
        for owner, prefixes in self.routes.items():
            if owner not in (name, self.without):
                both = own & self.standing.families(owner)
                lacking = (one for one in prefixes if one not in have and family(one) in both)
                yield from (sentence.format(f"{prefix} of {owner}") for prefix in lacking)

    def _reflected(self, status: Status) -> Iterator[str]:
        """That it learns everything where it is to come from: a member from the leaf of its rack, or from each of its
        reflectors; a reflector what is behind the leaf from the leaf.
        """
        learned = _Learned(status)
        name, leaf = status.node, self.standing.leaf_of(status.node)
        if leaf is not None and self.standing.in_rack(name):
            sentence = f"{name} does not learn {{}} from the leaf {leaf.name}"
            yield from self._lacking(name, learned.by(leaf.addresses), sentence)
            return
        reflecting = [one for one in self.standing.reflectors_of(name) if one != self.without]
        for reflector in reflecting:
            addresses = self.standing.addresses.get(reflector, ())
            sentence = f"{name} does not learn {{}} from the reflector {reflector}"
            yield from self._lacking(name, learned.by(addresses), sentence)
        if not reflecting and name not in self.standing.apart:
            yield f"{name} is left without a reflector"
        if leaf is not None and name in self.standing.reflectors:
            inside = {one for one, label in self.standing.members.items() if label == self.standing.reflectors[name]}
            far = replace(self, routes={one: told for one, told in self.routes.items() if one not in inside})
            sentence = f"{name} does not learn {{}} from the leaf {leaf.name}"
            yield from far._lacking(name, learned.by(leaf.addresses), sentence)


class _Learned:
    """What a node has learned, by whom it was told."""

    def __init__(self, status: Status) -> None:
        self._by: dict[str, set[str]] = {}
        for route in status.routes:
            self._by.setdefault(route.source, set()).add(route.prefix)

    def by(self, addresses: Iterable[str]) -> set[str]:
        """The neighbour speaks by one address for each family."""
        return set().union(*(self._by.get(address, set()) for address in addresses))


def _up(status: Optional[Status], peers: frozenset[str], like: str) -> bool:
    """Whether one of these addresses is a neighbour, in the family of the other end."""
    sessions = () if status is None else status.sessions
    return any(one.peer in peers and family(one.peer) == family(like) and one.state == ESTABLISHED for one in sessions)


class Expected:
    """What is the same in all proofs of one way."""

    def __init__(self, observed: ObservedCalico) -> None:
        self._nodes = tuple(sorted(observed.nodes))
        self._announced, self._passed_on = announced(observed), passed_on(observed)

    def proof(self, now: Standing, reflected: bool = False) -> Proof:
        return Proof(now, self._nodes, self._announced if now.mesh else self._passed_on, reflected)

    def spared(self, now: Standing, name: str) -> Proof:
        """That the others of its group do without a node for a while."""
        group = now.fabric.members[name][0].name
        nodes = tuple(one for one in self._nodes if one != name and now.members.get(one) == group)
        return Proof(now, nodes, self._passed_on, without=name)


def condition(proof: Proof, wiring: str, says: str) -> Condition:
    """To be waited for."""
    return Condition(
        Question("api", (f"/apis/{wiring}/caliconodestatuses",), CLUSTER), ("items",), "passes since", proof.since, says
    )
