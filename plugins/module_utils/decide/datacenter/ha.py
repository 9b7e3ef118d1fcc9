# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the HA that there is to the one that is declared: resources before what names them, and rules out of the way
first of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Literal

from ...engine.condition import Condition
from ...engine.plan import Call, Plan, Refusal, Step, Value, Wait
from ...engine.reader import CLUSTER, Question
from ...model.datacenter.ha import DesiredHa, Key, ObservedHa, Resource, Rule, Thing, Things, goal
from ...model.guest.ha import HA_DEADLINE
from ..access.calls import part
from .ha_refusals import refuse, warnings

_ROOT = "/cluster/ha"
_FOLDERS = {"resource": "resources", "group": "groups", "rule": "rules"}
_IDS = {"resource": "sid", "group": "group", "rule": "rule"}
_STATUS = Question("api", (f"{_ROOT}/status/current",), CLUSTER)
_RESOURCES = Question("api", (f"{_ROOT}/resources",), CLUSTER)
#: The HA manager looks once a minute, and whoever was in maintenance takes some rounds to be out of it.
_MIGRATION = 600
_QUEUED = "queued"
_DISARMED = ("disarmed", "disarming")
_HINT = (
    "No node's HA services have taken it in charge. Look there: ha-manager status, journalctl -b -u watchdog-mux,"
    " journalctl -b -u pve-ha-lrm."
)


def decide(desired: DesiredHa, observed: ObservedHa) -> Plan:
    if observed.lacking:
        told = ", ".join(observed.lacking)
        hint = "Give it these, propagating, or let the run speak as root@pam (without api.token_id)."
        return Plan(refusals=(Refusal(f"{desired.caller} lacks {told}: it would not see all there is.", hint),))
    release = observed.release or 9
    wanted = goal(desired, release, observed.things)
    steps = (*_armed(observed), *_changes(observed.things, wanted), *_policy(desired, observed))
    return Plan(
        steps=(*steps, *_taken(observed, wanted)),
        refusals=tuple(refuse(desired, observed, wanted)),
        warnings=tuple(warnings(observed, wanted)),
        before=_shown(observed.things, wanted),
        after=_shown(wanted, observed.things),
    )


def until_migrated(waiting: tuple[str, ...]) -> tuple[Step, ...]:
    """Before anything is written: the rules that the HA manager of 9 makes of groups are the declared ones."""
    asked = Condition(_RESOURCES, (), "passes", _grouped, "the HA manager to turn groups into rules")
    wait = Wait((asked,), _MIGRATION, interval=5)
    hint = "Every node has to run 9 and be online, and none in maintenance."
    why = "wait until the HA manager has turned the groups into rules"
    return (Step(why, wait, "ha.wait-migrated:all", "cluster", hint=hint),) if waiting else ()


def _grouped(rows: Any) -> list[str]:
    return [f"{row['sid']} is in the group {row['group']}" for row in rows if row.get("group")]


def _changes(now: Things, wanted: Things) -> Iterator[Step]:
    """A rule that both loses and gains is made anew, as what it gains may be what another one has to lose first."""
    changed = [key for key in sorted(wanted) if key in now and now[key] != wanted[key]]
    gone = [key for key in sorted(now) if key not in wanted]
    anew = [key for key in changed if _moves(now[key], wanted[key])]
    for key in (*(key for key in gone if key[0] == "rule"), *anew):
        yield _removed(key)
    for kind in ("group", "resource"):
        yield from (_made(key, wanted[key]) for key in sorted(wanted) if key[0] == kind and key not in now)
        yield from (_changed(key, now[key], wanted[key]) for key in changed if key[0] == kind)
    kept = [key for key in changed if key[0] == "rule" and key not in anew]
    for key in sorted(kept, key=lambda key: (not _loses(now[key], wanted[key]), key)):
        yield _changed(key, now[key], wanted[key])
    new = [key for key in sorted(wanted) if key[0] == "rule" and (key not in now or key in anew)]
    yield from (_made(key, wanted[key]) for key in new)
    for kind in ("resource", "group"):
        yield from (_removed(key) for key in gone if key[0] == kind)


def _loses(before: Thing, after: Thing) -> bool:
    return isinstance(before, Rule) and isinstance(after, Rule) and bool(before.resources - after.resources)


def _moves(before: Thing, after: Thing) -> bool:
    """Or is of another type, which a rule keeps."""
    if not isinstance(before, Rule) or not isinstance(after, Rule):
        return False
    return before.type != after.type or (_loses(before, after) and bool(after.resources - before.resources))


def _made(key: Key, thing: Thing) -> Step:
    kind, name = key
    options = {word: value for word, value in _options(thing).items() if value != _empty(word, thing)}
    return _step(key, "create", "POST", f"{_ROOT}/{_FOLDERS[kind]}", {_IDS[kind]: name, **options}, _told("add", key))


def _changed(key: Key, before: Thing, after: Thing) -> Step:
    old, new = _options(before), _options(after)
    differing = [word for word in new if old[word] != new[word]]
    given = {word: new[word] for word in differing if new[word] != _empty(word, after)}
    gone = [word for word in differing if word not in given]
    call = {**given, **({"delete": ",".join(gone)} if gone else {})}
    if isinstance(after, Rule):
        call["type"] = after.type
    words = ", ".join(f"{word} {old[word] or 'not set'} to {new[word] or 'not set'}" for word in differing)
    return _step(key, "change", "PUT", _path(key), call, f"{_told('change', key)}: {words}")


def _removed(key: Key) -> Step:
    return _step(key, "remove", "DELETE", _path(key), {}, _told("remove", key))


def _options(thing: Thing) -> dict[str, Value]:
    """As the API has them: lists as texts, in one order."""
    return {one.name: _value(getattr(thing, one.name)) for one in fields(thing)}


def _value(value: Any) -> Value:
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{number}" if number else name for name, number in sorted(value.items()))
    return value if isinstance(value, (bool, int)) else str(value)


def _empty(word: str, thing: Thing) -> Value:
    """What is as good as not said; a state is always said."""
    plain: Thing = Rule("node-affinity") if isinstance(thing, Rule) else type(thing)()
    return "" if word in ("type", "state") else _options(plain)[word]


def _path(key: Key) -> str:
    return f"{_ROOT}/{_FOLDERS[key[0]]}/{part(key[1])}"


def _told(verb: str, key: Key) -> str:
    return f"{verb} the HA {key[0]} {key[1]}"


def _step(
    key: Key, verb: str, method: Literal["POST", "PUT", "DELETE"], path: str, call: Mapping[str, Value], why: str
) -> Step:
    action = Call(method, path, tuple(sorted(call.items())), repeatable=method == "PUT")
    return Step(why, action, f"ha_{key[0]}.{verb}:{key[1]}", "cluster")


def _armed(observed: ObservedHa) -> Iterator[Step]:
    """Disarmed, HA restarts nothing and fences nobody; whoever needed that for a change has gone."""
    if observed.armed in _DISARMED:
        call = Call("POST", f"{_ROOT}/status/arm-ha", repeatable=True)
        yield Step("arm HA again, which somebody has left disarmed", call, "ha.arm:all", "cluster")
        asked = Condition(_STATUS, (), "passes", _still_disarmed, "HA to be armed")
        yield Step("wait until HA is armed", Wait((asked,), HA_DEADLINE), "ha.wait-armed:all", "cluster")


def _still_disarmed(rows: Any) -> list[str]:
    return [f"it is {row['armed-state']}" for row in rows if row.get("armed-state") in _DISARMED]


def _policy(desired: DesiredHa, observed: ObservedHa) -> Iterator[Step]:
    """The only word of that property, so nothing else is lost."""
    if desired.policy is not None and desired.policy != (observed.policy or "conditional"):
        call = Call("PUT", "/cluster/options", (("ha", f"shutdown_policy={desired.policy}"),), repeatable=True)
        why = f"set what becomes of HA resources when their node shuts down: {desired.policy}"
        yield Step(why, call, "ha_policy.set:shutdown_policy", "cluster")


def _taken(observed: ObservedHa, wanted: Things) -> Iterator[Step]:
    """A resource that stays queued is one that nobody protects."""
    served = {name for (kind, name), one in wanted.items() if kind == "resource" and _is_served(one)}
    new = {sid for sid in served if ("resource", sid) not in observed.things or observed.services.get(sid) == _QUEUED}
    if new:
        asked = Condition(_STATUS, (), "passes", _Taken(frozenset(new)), "HA to take its resources in charge")
        why = f"wait until HA has taken {', '.join(sorted(new))} in charge"
        yield Step(why, Wait((asked,), HA_DEADLINE, interval=2), "ha.wait-taken:all", "cluster", hint=_HINT)


def _is_served(thing: Thing) -> bool:
    return isinstance(thing, Resource) and thing.state != "ignored"


class _Taken:
    """What is still missing: services that are not there, or wait for a node."""

    def __init__(self, sids: frozenset[str]) -> None:
        self._sids = sids

    def __call__(self, rows: Any) -> list[str]:
        states = {row["sid"]: row.get("state") for row in rows if row["type"] == "service"}
        return [f"{sid} is {states.get(sid, 'unknown')}" for sid in sorted(self._sids) if self._waits(states.get(sid))]

    @staticmethod
    def _waits(state: Any) -> bool:
        return state in (None, _QUEUED)


def _shown(things: Things, others: Things) -> dict[str, Any]:
    """What differs from the other state, for people."""
    return {
        f"{kind} {name}": {word: value for word, value in _options(thing).items() if value != _empty(word, thing)}
        for (kind, name), thing in sorted(things.items())
        if others.get((kind, name)) != thing
    }
