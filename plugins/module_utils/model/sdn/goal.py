# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be staged in the end: what is, with what is declared, without what is not to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from .options import is_default
from .sdn import DesiredSdn, Key, Kind, Thing, Things, Wish, options_of


def goal(desired: DesiredSdn, staged: Things) -> Things:
    wanted = {key: wish for key, wish in desired.wishes.items() if not wish.absent}
    gone = {key for key, wish in desired.wishes.items() if wish.absent} | set(surplus(desired, staged))
    kept = {key: thing for key, thing in staged.items() if key not in gone}
    return {**kept, **{key: _merged(key[0], wish, staged.get(key)) for key, wish in wanted.items()}}


def _merged(kind: Kind, wish: Wish, known: Optional[Thing]) -> Thing:
    """What is not said stays as it is; a thing of another type is another one."""
    old = known.options if known is not None and known.type == wish.type else {}
    table = options_of(kind, wish.type)
    options = {name: value for name, value in {**old, **wish.options}.items() if name not in wish.unset}
    shown = {name: value for name, value in options.items() if not is_default(table[name], value)}
    return Thing(wish.type, shown, known.called if known is not None else "")


def surplus(desired: DesiredSdn, staged: Things) -> Iterator[Key]:
    """What an exclusive scope does not name."""
    yield from (key for key, thing in staged.items() if key not in desired.wishes and is_exclusive(desired, key, thing))


def is_exclusive(desired: DesiredSdn, key: Key, thing: Thing) -> bool:
    """It stands in an exclusive scope: that of its kind, or that of the zone or vnet in which it is."""
    kind, name = key
    where = {"vnet": thing.text("zone"), "subnet": name.partition("/")[0]}.get(kind, "")
    return not desired.exclusive.isdisjoint({(kind, ""), (kind, where)})
