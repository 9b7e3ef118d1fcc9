# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the datacenter as it is to the one that is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Optional
from urllib.parse import quote

from ...engine.plan import Call, Plan, Step
from ...engine.plan import Value as Parameter
from ...model.datacenter.datacenter import (
    ABSENT,
    BUILT_IN,
    LISTED,
    DesiredDatacenter,
    Key,
    ObservedDatacenter,
    Thing,
    Value,
    Wish,
)
from ...model.datacenter.options import DEFAULTS, Meaning, written
from .recipients import warn_of_notices
from .refusals import refuse

_OPTIONS, _METRICS, _NOTICES = "/cluster/options", "/cluster/metrics/server", "/cluster/notifications"


def decide(desired: DesiredDatacenter, observed: ObservedDatacenter) -> Plan:
    if desired.idle:
        return Plan()
    goal = options_to_be(desired, observed)
    things = things_to_be(desired, observed)
    steps = (*_options(observed, goal), *_things(desired, observed))
    refusals = tuple(refuse(desired, observed, goal, things))
    notices = any(
        kind != "metric server" for kind, dummy in (*desired.wishes, *((one, "") for one in desired.exclusive))
    )
    warnings = tuple(warn_of_notices(things, observed.mail, observed.foreign)) if notices and observed.release else ()
    before, after = (
        {name: written(value) for name, value in sorted(found.items())} for found in (observed.options, goal)
    )
    return Plan(steps, refusals, warnings, before, after)


def options_to_be(desired: DesiredDatacenter, observed: ObservedDatacenter) -> dict[str, Meaning]:
    """The parts of an option that are not declared stay: the API replaces such an option whole."""
    goal = dict(observed.options)
    for name, said in desired.options.items():
        before = observed.options.get(name)
        both = isinstance(said, Mapping) and isinstance(before, Mapping)
        goal[name] = {**before, **said} if both and isinstance(said, Mapping) and isinstance(before, Mapping) else said
    for word in desired.unset:
        name, dummy, part = word.partition(".")
        found = goal.get(name)
        if part and isinstance(found, Mapping):
            goal[name] = {key: value for key, value in found.items() if key != part}
        if not part or not goal.get(name):
            goal.pop(name, None)
    for name in ("migration", "replication"):
        found = goal.get(name)
        if name in desired.options and isinstance(found, Mapping) and "type" not in found:
            goal[name] = {"type": "secure", **found}
    return goal


def _options(observed: ObservedDatacenter, goal: Mapping[str, Meaning]) -> Iterator[Step]:
    for name in sorted({*goal, *observed.options}):
        before, after = observed.options.get(name, DEFAULTS.get(name)), goal.get(name, DEFAULTS.get(name))
        if before == after:
            continue
        told = " to ".join("not set" if one is None else written(one) for one in (before, after))
        call: tuple[tuple[str, Parameter], ...]
        call = (("delete", name),) if name not in goal else ((name, written(goal[name])),)
        action = Call("PUT", _OPTIONS, call, repeatable=True)
        yield Step(f"set {name} of the datacenter from {told}", action, f"datacenter.option:{name}", "cluster")


def things_to_be(desired: DesiredDatacenter, observed: ObservedDatacenter) -> dict[Key, Thing]:
    gone = {key for key, wish in desired.wishes.items() if wish.absent} | set(surplus(desired, observed))
    kept = {key: one for key, one in observed.things.items() if key not in gone}
    wanted = {key: _merged(wish, kept.get(key)) for key, wish in desired.wishes.items() if not wish.absent}
    return {**kept, **wanted}


def _merged(wish: Wish, known: Optional[Thing]) -> Thing:
    return Thing(wish.type, {**(known.options if known else {}), **wish.options})


def surplus(desired: DesiredDatacenter, observed: ObservedDatacenter) -> Iterator[Key]:
    """What an exclusive list does not name; what is built in cannot go."""
    for key in observed.things:
        if key[0] in desired.exclusive and key not in desired.wishes and key not in BUILT_IN:
            yield key


def _things(desired: DesiredDatacenter, observed: ObservedDatacenter) -> Iterator[Step]:
    """A matcher names endpoints: they come before it, and go after it."""
    for kind in LISTED:
        for key, wish in sorted(desired.wishes.items()):
            if key[0] == kind and not wish.absent:
                yield from _set(key, wish, observed.things.get(key))
    gone = {key for key, wish in desired.wishes.items() if wish.absent and key in observed.things}
    leaving = gone | set(surplus(desired, observed))
    for kind in reversed(tuple(LISTED)):
        for key in sorted(leaving):
            if key[0] == kind:
                action = Call("DELETE", _path(key, observed.things[key].type))
                yield Step(f"remove the {key[0]} {key[1]}", action, f"{_noun(key)}.remove:{key[1]}", "cluster")


def _set(key: Key, wish: Wish, known: Optional[Thing]) -> Iterator[Step]:
    secrets = tuple(sorted(wish.secrets.items()))
    if known is None:
        types = (("type", wish.type),) if key[0] == "metric server" else ()
        named = () if key[0] == "metric server" else (("name", key[1]),)
        given = (*named, *types, *_given(wish.options))
        path = _path(key, wish.type) if key[0] == "metric server" else _path(key, wish.type).rpartition("/")[0]
        why = f"make the {key[0]} {key[1]}{f' ({wish.type})' if wish.type else ''}"
        yield Step(why, Call("POST", path, given, secrets), f"{_noun(key)}.make:{key[1]}", "cluster", hint=_hint(key))
        return
    differing = {name: value for name, value in wish.options.items() if not _same(name, value, known)}
    sent = secrets if wish.update_secret else ()
    if differing or sent:
        # what a server needs is asked for again by the API, also where it stays
        needed = {name: known.options[name] for name in ("server", "port") if name in known.options}
        base = needed if key[0] == "metric server" else {}
        told = ", ".join((*sorted(differing), *(name for name, dummy in sent)))
        action = Call("PUT", _path(key, wish.type), _given({**base, **differing}), sent, repeatable=True)
        id_ = f"{_noun(key)}.change:{key[1]}"
        yield Step(
            f"change the {key[0]} {key[1]}: {told}", action, id_, "cluster", hint=_hint(key), unseen=not differing
        )


def _same(name: str, value: Value, known: Thing) -> bool:
    missing: Value = frozenset() if isinstance(value, frozenset) else ABSENT.get(name, "")
    if name == "mode":
        missing = "tls" if known.type == "smtp" else "all"
    return value == known.options.get(name, missing)


def _given(options: Mapping[str, Value]) -> tuple[tuple[str, Parameter], ...]:
    return tuple(
        (name, tuple(sorted(value)) if isinstance(value, frozenset) else value)
        for name, value in sorted(options.items())
    )


def _hint(key: Key) -> str:
    return "Proxmox VE tries the server before it takes it." if key[0] == "metric server" else ""


def _noun(key: Key) -> str:
    return key[0].replace(" ", "_")


def _path(key: Key, type_: str) -> str:
    kind, name = key
    part = quote(name, safe="")
    if kind == "metric server":
        return f"{_METRICS}/{part}"
    return f"{_NOTICES}/endpoints/{type_}/{part}" if kind == "endpoint" else f"{_NOTICES}/matchers/{part}"
