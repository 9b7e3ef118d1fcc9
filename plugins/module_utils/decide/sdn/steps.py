# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps as calls of the API, each of which stages one change of one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Optional

from ...engine.plan import Call, Step, Value
from ...model.sdn.options import Meaning, spelled
from ...model.sdn.sdn import KINDS, TYPED, Key, Kind, Thing, options_of
from ..access.calls import part
from .change import Change
from .lock import HELD, hand_in

_ROOT = "/cluster/sdn"
_FOLDERS: Mapping[Kind, str] = {
    "ipam": "ipams",
    "fabric": "fabrics/fabric",
    "controller": "controllers",
    "zone": "zones",
    "vnet": "vnets",
}
#: These are told what they are in every call, and take what is removed as a list.
_FABRICS = ("fabric", "fabric node")
#: These go first of all, as their numbers may be used again.
_EARLY = ("subnet", "vnet")


def makes(change: Change) -> Iterator[Step]:
    for kind in KINDS:
        for key in change.differing:
            if key[0] == kind and key in change.goal:
                yield _changed(change, key) if key in change.now else _made(change, key)


def removes(change: Change, early: bool) -> Iterator[Step]:
    """Nothing goes before what names it."""
    for kind in reversed(KINDS):
        for key in change.differing:
            if key[0] == kind and key not in change.goal and (kind in _EARLY) == early:
                yield _step(
                    change, key, "remove", "DELETE", _path(key, change.now[key]), {}, f"remove the {_told(key)}"
                )


def _made(change: Change, key: Key) -> Step:
    kind, name = key
    thing = change.goal[key]
    parent, dummy, own = name.partition("/")
    named: dict[str, Value] = {kind: name}
    if kind in _FABRICS:
        named = {"id": name} if kind == "fabric" else {"node_id": own}
        named["protocol"] = thing.type
    elif kind == "subnet":
        named = {"subnet": own, "type": "subnet"}
    elif kind != "vnet":
        named["type"] = thing.type
    of_type = f" ({thing.type})" if kind in TYPED else ""
    why = f"create the {_told(key)}{of_type}"
    return _step(change, key, "create", "POST", _folder(kind, parent), named, why, thing.options)


def _changed(change: Change, key: Key) -> Step:
    kind, dummy = key
    now, wanted = change.now[key], change.goal[key]
    said = change.desired.wishes[key].options
    differing = {name for name in {*now.options, *wanted.options} if now.options.get(name) != wanted.options.get(name)}
    given = {name: wanted.options.get(name, said.get(name, "")) for name in differing}
    given = {name: value for name, value in given.items() if value not in ("", ())}
    gone = tuple(sorted(differing - set(given)))
    call: dict[str, Value] = {"protocol": wanted.type} if kind in _FABRICS else {}
    if gone:
        call["delete"] = gone if kind in _FABRICS else ",".join(gone)
    hidden = {name for name, option in options_of(kind, wanted.type).items() if option.secret}
    told = ", ".join(_difference(name, now, wanted, name in hidden) for name in sorted(differing))
    return _step(change, key, "change", "PUT", _path(key, now), call, f"change the {_told(key)}: {told}", given)


def _difference(name: str, now: Thing, wanted: Thing, hidden: bool) -> str:
    if hidden:
        return name
    before, after = (_words(thing.options.get(name, "")) for thing in (now, wanted))
    return f"{name} {before or 'not set'} to {after or 'not set'}"


def _words(value: Meaning) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _told(key: Key) -> str:
    return f"{key[0]} {key[1]}"


def _folder(kind: Kind, parent: str) -> str:
    if kind == "subnet":
        return f"{_ROOT}/vnets/{part(parent)}/subnets"
    if kind == "fabric node":
        return f"{_ROOT}/fabrics/node/{part(parent)}"
    return f"{_ROOT}/{_FOLDERS[kind]}"


def _path(key: Key, thing: Thing) -> str:
    kind, name = key
    parent, dummy, own = name.partition("/")
    if kind == "subnet":
        own = thing.called
    return f"{_folder(kind, parent)}/{part(own or name)}"


def _step(
    change: Change,
    key: Key,
    verb: str,
    method: Literal["POST", "PUT", "DELETE"],
    path: str,
    call: Mapping[str, Value],
    why: str,
    options: Optional[Mapping[str, Meaning]] = None,
) -> Step:
    """Secrets are apart. What is set may be asked for twice, what is made or removed may not."""
    kind = key[0]
    table = options_of(kind, (change.goal.get(key) or change.now[key]).type)
    said = options or {}
    hidden = {name: str(value) for name, value in said.items() if table[name].secret}
    shown = {name: spelled(table[name], value) for name, value in said.items() if name not in hidden}
    action = Call(
        method,
        path,
        tuple(sorted({**call, **shown}.items())),
        tuple(sorted(hidden.items())),
        repeatable=method == "PUT",
        hand_in=hand_in(change.desired) if change.locks else None,
    )
    id_ = f"{kind.replace(' ', '_')}.{verb}:{key[1]}"
    return Step(why, action, id_, "network", hint=HELD if change.locks else "")
