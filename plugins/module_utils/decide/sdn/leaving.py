# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes must not be used: neither by what stays, nor by guests."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.sdn.sdn import NAMED, WITHIN, Kind
from .change import Change


def refuse_leaving(change: Change) -> Iterator[Refusal]:
    for kind, name in change.leaving:
        users = sorted(_users(change, kind, name))
        if users:
            yield Refusal(
                f"The {kind} {name} would go, and is still used: {', '.join(users)}.",
                "Declare these absent, too, or let them use another one.",
            )
    yield from _refuse_guests(change)
    yield from _refuse_addresses(change)


def _users(change: Change, kind: Kind, name: str) -> Iterator[str]:
    for user, option, used in NAMED:
        yield from (f"{user} {other}" for other, one in change.of(user) if used == kind and one.text(option) == name)
    for inner, outer in WITHIN:
        yield from (f"{inner} {other}" for other in dict(change.of(inner)) if outer == kind and _in(other, name))


def _in(name: str, outer: str) -> bool:
    return name.partition("/")[0] == outer


def _refuse_guests(change: Change) -> Iterator[Refusal]:
    for name, guests in sorted(change.observed.guests.items()):
        yield Refusal(
            f"The vnet {name} would go, and guests use it: {', '.join(guests)}.",
            "Give them another network, or remove them, first.",
        )
    vnets = [name for (kind, name) in change.leaving if kind == "vnet"]
    if vnets and change.observed.unread:
        yield Refusal(
            f"Nobody can tell whether {', '.join(change.observed.unread)} uses {', '.join(vnets)}, as its node is off.",
            "Start the node first.",
        )


def _refuse_addresses(change: Change) -> Iterator[Refusal]:
    for name, addresses in sorted(change.observed.held.items()):
        yield Refusal(
            f"The subnet {name} would go, and addresses of it are given out: {', '.join(addresses)}.",
            "Take them back first; those of guests go with their network interface.",
        )
