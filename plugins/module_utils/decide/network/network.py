# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of a node's network: what comes before the change, the change that the node can take back, and its proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.plan import Plan, Refusal, Step
from ...model.network.interface import Interface, Kernel, Link
from ...model.network.network import DesiredNetwork, ObservedNetwork
from ...model.network.view import Expected
from .change import change_of
from .guarded_change import guarded
from .info import as_declared
from .preparation import prepare
from .proof import lacks
from .refusals import refuse_network
from .target import Target, target
from .warnings import warn_of_network


def decide(desired: DesiredNetwork, observed: ObservedNetwork) -> Plan:
    """Nothing for a node of which nothing is declared."""
    if not desired.interfaces:
        return Plan(tells={"coming": []})
    seen = target(desired, observed)
    steps = _steps(desired, observed, seen)
    refusals = (*refuse_network(desired, observed, seen), *(() if steps else _refuse_unproved(desired, observed, seen)))
    before, after = _told(seen.before, seen.changed), _told(seen.after, seen.changed)
    warnings = tuple(warn_of_network(observed, seen)) if steps else ()
    coming = list(_coming(observed.kernel, seen)) if steps else []
    return Plan(steps, refusals, warnings, before, after, tells={"coming": coming})


def _steps(desired: DesiredNetwork, observed: ObservedNetwork, seen: Target) -> tuple[Step, ...]:
    change = change_of(desired, observed, seen)
    if change is None:
        return prepare(observed, seen)
    names = ", ".join(seen.changed) or ", ".join(file.path for file in change.files)
    why = f"Change {names} ({' '.join(change.activate)})"
    return (*prepare(observed, seen), *guarded(change, why))


def _refuse_unproved(desired: DesiredNetwork, observed: ObservedNetwork, seen: Target) -> Iterator[Refusal]:
    """The files are as declared; then the kernel has to be as well, or somebody has changed it by hand."""
    declared = {one.name for one in desired.interfaces} & seen.after.keys()
    interfaces = {name: seen.after[name] for name in seen.after if name in declared}
    for sentence in lacks(interfaces, observed.kernel, observed.uses, observed.alone):
        yield Refusal(f"It is written as declared, and yet: {sentence}", "Look at it with `ifquery -a -c` on the node.")


def _coming(kernel: Kernel, seen: Target) -> Iterator[dict[str, Any]]:
    """All addresses of the node afterwards, so that other plans can be made before."""
    for name in dict.fromkeys((*seen.after, *kernel.links)):
        link, one = kernel.links.get(name, Link(name)), seen.after.get(name)
        stays = one is None and name not in seen.before
        addresses = link.addresses if stays or (one and one.dhcp) else one.addresses if one and one.auto else ()
        for address in addresses:
            yield {"interface": name, "address": str(address), "mtu": (one.mtu if one else None) or link.mtu}


def _told(interfaces: Mapping[str, Interface], names: tuple[str, ...]) -> dict[str, Any]:
    """Without commands, which may hold a secret."""
    return {name: as_declared(interfaces[name]) for name in names if name in interfaces}


def expected_of(desired: DesiredNetwork) -> Expected:
    """What the controller looks for over a new connection before it confirms a change."""
    addresses = tuple(str(address) for one in desired.interfaces for address in one.addresses or ())
    return Expected(desired.targets, addresses, seconds=max(1, desired.timeout // 2))
