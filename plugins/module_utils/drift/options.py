# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of a source of events; what cannot be meant is Invalid before anybody is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.errors import Invalid
from .judge import MODES, Mode, Watch

_OF_A_WATCH = frozenset(("mode", "key", "fields"))


@dataclass(frozen=True)
class Watched:
    """``place``: what is watched, by the option that names it.  ``more``: what only this source has."""

    place: str
    watch: Watch
    more: Mapping[str, Any]


def known(args: Mapping[str, Any], names: Collection[str], required: Collection[str]) -> None:
    strange = sorted(set(args) - set(names))
    if strange:
        raise Invalid(f"There is no option {', '.join(strange)}.", f"There are {', '.join(sorted(names))}.")
    missing = sorted(name for name in required if not args.get(name))
    if missing:
        raise Invalid(f"The option {', '.join(missing)} is missing.")


def watched(given: Any, place: str, more: Collection[str]) -> list[Watched]:
    """The list of what is watched."""
    if not isinstance(given, list) or not given:
        raise Invalid("The option watch is a list of what is watched.")
    found = [_one(one, place, more) for one in given]
    places = [one.place for one in found]
    twice = sorted({one for one in places if places.count(one) > 1})
    if twice:
        raise Invalid(f"{', '.join(twice)} is watched twice.")
    _same_mode([one.watch for one in found])
    return found


def _same_mode(watches: Sequence[Watch]) -> None:
    """What has one key is one run; a change that is only told would take the place of one that asks for a run."""
    modes: dict[str, set[Mode]] = {}
    for watch in watches:
        modes.setdefault(watch.key, set()).add(watch.mode)
    for key, found in modes.items():
        if key and len(found) > 1:
            raise Invalid(f"The key {key} has several modes: {', '.join(sorted(found))}.", "Give each mode a key.")


def _one(given: Any, place: str, more: Collection[str]) -> Watched:
    if not isinstance(given, Mapping):
        raise Invalid(f"{given!r} says not what is watched: it is no dictionary.")
    known(given, {place, *_OF_A_WATCH, *more}, [place])
    fields = given.get("fields") or []
    if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
        raise Invalid(f"{given[place]}: fields is a list of dotted names.")
    name = str(given[place]).rstrip("/").rpartition("/")[2]
    watch = Watch(name, _mode(given.get("mode") or "notify"), str(given.get("key") or ""), tuple(fields))
    return Watched(str(given[place]), watch, {name: given[name] for name in more if given.get(name)})


def _mode(given: Any) -> Mode:
    for mode in MODES:
        if given == mode:
            return mode
    raise Invalid(f"{given!r} is no mode.", f"There are {', '.join(MODES)}.")
