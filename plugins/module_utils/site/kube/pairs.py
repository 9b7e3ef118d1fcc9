# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What both ends of each session show, held against each other: one end alone may say that all is well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.kube.bgp_view import Neighbour
from .speaker import Fault

Views = Mapping[str, Sequence[Neighbour]]


def bgp_pairs(
    shown: Mapping[str, Sequence[Mapping[str, Any]]], links: Optional[Sequence[Sequence[str]]] = None
) -> list[dict[str, str]]:
    """shown: speaker → its neighbours, as ``bgp_proof_info`` tells them.

    Without ``links`` a speaker is the address that others know. With ``links``, cables with a speaker and an interface
    at each end, as ``pve1/ens18``, it is the host's name, and a neighbour the interface behind which it is.
    """
    views = {name: [Neighbour(**one) for one in neighbours] for name, neighbours in shown.items()}
    found = _by_address(views) if links is None else _by_interface(views, [_link(one) for one in links])
    return [asdict(fault) for fault in found]


def _by_address(views: Views) -> Iterator[Fault]:
    for one in views:
        for other in views:
            if one != other:
                sent = _neighbour(views[one], other)
                got = _neighbour(views[other], one)
                yield from _given(one, sent, other, got)


@dataclass(frozen=True)
class _End:
    host: str
    interface: str

    def __str__(self) -> str:
        return f"{self.host}/{self.interface}"


def _link(said: Sequence[str]) -> tuple[_End, _End]:
    ends = [_End(*one.split("/", 1)) for one in said if "/" in one]
    if len(ends) != 2 or len(said) != 2:
        raise Invalid(f"{list(said)} is no link: it has two ends, each a host and an interface, as in pve1/ens18.")
    return ends[0], ends[1]


def _by_interface(views: Views, links: Sequence[tuple[_End, _End]]) -> Iterator[Fault]:
    for one, other in links:
        for near, far in ((one, other), (other, one)):
            yield from _end(views, near, far)
        here, there = _at(views, one), _at(views, other)
        if not any(end is None or end.blocked for end in (here, there)):
            yield from _given(str(one), here, str(other), there)
            yield from _given(str(other), there, str(one), here)
    linked = {end for link in links for end in link}
    for host, neighbours in views.items():
        for neighbour in neighbours:
            if neighbour.host and _End(host, neighbour.name) not in linked:
                told = f"{host} has a session behind {neighbour.name}, with {neighbour.host}, that nobody has declared"
                yield Fault("unexpected", f"{host}/{neighbour.name}", told, host)


def _end(views: Views, near: _End, far: _End) -> Iterator[Fault]:
    """What one end of a link shows."""
    there, thing = _at(views, near), f"{near} {far}"
    if there is None:
        yield Fault("missing", thing, f"{near.host} has no session behind {near.interface}, with {far.host}", near.host)
    elif not there.up:
        reason = f", last error: {there.error}" if there.error else ""
        yield Fault("down", thing, f"the session of {near} with {far.host} is {there.state}{reason}", near.host)
    elif there.blocked:
        told = f"{near.host} lets no route of {far.host} through: no policy says that it may"
        yield Fault("no_policy", thing, told, near.host)
    elif there.host and there.host != far.host:
        told = f"behind {near} is {there.host}, and {far.host} is to be there"
        yield Fault("wrong_neighbour", thing, told, near.host)


def _at(views: Views, end: _End) -> Optional[Neighbour]:
    return _neighbour(views.get(end.host, ()), end.interface)


def _neighbour(neighbours: Sequence[Neighbour], name: str) -> Optional[Neighbour]:
    return next((one for one in neighbours if one.name == name), None)


def _given(giver: str, sent: Optional[Neighbour], taker: str, got: Optional[Neighbour]) -> Iterator[Fault]:
    """Whether what one end has sent has arrived at the other one."""
    if sent is None or got is None or not (sent.up and got.up):
        return
    if not sent.exported or got.imported is None or got.imported + got.filtered:
        return
    hold = f" of {got.hold:.0f} s" if got.hold else ""
    told = (
        f"{giver} has sent {sent.exported} routes to {taker}, and none has arrived although the session is up: likely"
        f" the path carries smaller packets than the interface sends. Look again after the hold time{hold}, and try"
        " packets of full size that nobody may take apart."
    )
    yield Fault("established_without_routes", f"{giver} {taker}", told)
