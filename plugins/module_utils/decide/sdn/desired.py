# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted networks; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.sdn.options import Meaning, meaning
from ...model.sdn.sdn import LISTED, SCOPES, TYPED, DesiredSdn, Key, Kind, Wish, options_of
from ..access import given
from ..access.caller import caller_from
from .checks import address, check

_SHORT = "Two to eight letters and digits, beginning with a letter."
_NAMES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "zone": (re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,6}[a-zA-Z0-9]"), _SHORT),
    "vnet": (re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,6}[a-zA-Z0-9]"), _SHORT),
    "controller": (
        re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,62}[a-zA-Z0-9]"),
        "Two to 64 letters, digits, '_' and '-', beginning with a letter.",
    ),
    "ipam": (re.compile(r"[a-zA-Z][a-zA-Z0-9]*[a-zA-Z0-9]"), "Letters and digits, beginning with a letter."),
    "fabric": (re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,6}[a-zA-Z0-9]"), "Two to eight letters, digits and '-'."),
    "node": (re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"), "The name of a node, such as pve1."),
}
_LIMITED = ("vnets", "subnets")


def desired_from(params: Mapping[str, Any]) -> DesiredSdn:
    fabrics = {str(one["fabric"]): one["type"] for one in params["fabrics"] if one["type"]}
    wishes: dict[Key, Wish] = {}
    for kind, (parameter, ids) in LISTED.items():
        for said in params[parameter]:
            name = "/".join(_id(kind, word, said[word]) for word in ids)
            if (kind, name) in wishes:
                raise Invalid(f"The {kind} {name} is listed twice.", "Two spellings of one thing are one thing.")
            wishes[kind, name] = _wish(kind, name, said, fabrics)
    for (kind, name), wish in wishes.items():
        if not wish.absent:
            check(kind, name, wish)
    return DesiredSdn(
        wishes,
        exclusive=frozenset(_scope(word) for word in params["exclusive"]),
        reflectors=frozenset(str(address("reflectors", one)) for one in params["reflectors"]),
        caller=caller_from(params),
        lock_file=params["lock_file"],
        break_lock=params["break_lock"],
    )


def _id(kind: Kind, word: str, value: Any) -> str:
    if word == "subnet":
        text = given.text("A subnet", value)
        try:
            return str(ipaddress.ip_network(text))
        except ValueError as error:
            raise Invalid(f"The subnet {text} is no network: {error}.", "Such as 10.0.0.0/24.") from None
    form, hint = _NAMES[word]
    return given.named(f"A {kind}: {word}", value, form, hint)


def _wish(kind: Kind, name: str, said: Mapping[str, Any], fabrics: Mapping[str, str]) -> Wish:
    what = f"The {kind} {name}"
    absent = said["state"] == "absent"
    if kind == "fabric node":
        type_ = fabrics.get(name.partition("/")[0], "")
        missing = "fabrics: its fabric has to be listed with its type"
    else:
        type_ = (said["type"] or "") if kind in TYPED else kind
        missing = "type"
    if absent:
        return Wish(type_, absent=True)
    if not type_:
        raise Invalid(f"{what} lacks {missing}.")
    return Wish(type_, options=_options(what, kind, type_, said), unset=_unset(what, kind, type_, said))


def _options(what: str, kind: Kind, type_: str, said: Mapping[str, Any]) -> dict[str, Meaning]:
    table = options_of(kind, type_)
    others = ("type", "state", "unset", *LISTED[kind][1])
    spoken = {name.replace("_", "-") if name.replace("_", "-") in table else name: name for name in said}
    found: dict[str, Meaning] = {}
    for option, name in spoken.items():
        if said[name] is None:
            continue
        if option in table:
            given.fields(what, said, (name,))
            found[option] = meaning(table[option], said[name])
        elif name not in others:
            raise Invalid(f"{what} is of the type {type_}, which has no {name}.", "Take it out.")
    return found


def _unset(what: str, kind: Kind, type_: str, said: Mapping[str, Any]) -> frozenset[str]:
    table = {name.replace("-", "_"): (name, option) for name, option in options_of(kind, type_).items()}
    for word in said["unset"]:
        if word not in table or table[word][1].required:
            raise Invalid(f"{what}: {word} is nothing that can be unset.")
        if said.get(word) is not None:
            raise Invalid(f"{what}: {word} is both said and unset.")
    return frozenset(table[word][0] for word in said["unset"])


def _scope(word: str) -> tuple[Kind, str]:
    """Kind, and the zone or vnet that it is limited to."""
    plural, colon, place = word.partition(":")
    if plural not in SCOPES or (colon and (plural not in _LIMITED or not place)):
        hint = f"Choose among {', '.join(SCOPES)}, vnets:ZONE and subnets:VNET."
        raise Invalid(f"{word!r} is nothing that can be exclusive.", hint)
    return SCOPES[plural], place
