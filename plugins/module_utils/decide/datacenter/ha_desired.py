# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the HA that is wanted; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.datacenter.ha import DesiredHa, Key, Kind, Wish
from ...model.node.proxmox_ve import NODE_NAME
from ..access import given
from ..access.caller import caller_from

_SID = re.compile(r"(vm|ct):[1-9][0-9]{2,8}")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]+")
_HINT = "Two or more letters, digits, '-' and '_', beginning with a letter."
_PLURAL: Mapping[str, Kind] = {"resources": "resource", "groups": "group", "rules": "rule"}
#: Another word for a state.
_STATES = {"disabled": "stopped"}
_OF_TYPE = {"node-affinity": ("nodes", "strict"), "resource-affinity": ("affinity",)}
_HIGHEST = 1000


def desired_from(params: Mapping[str, Any]) -> DesiredHa:
    found: dict[Key, Wish] = {}
    for key, wish in (*_resources(params), *_groups(params), *_rules(params)):
        if key in found:
            raise Invalid(f"The HA {key[0]} {key[1]} is listed twice.")
        found[key] = wish
    return DesiredHa(
        found,
        policy=params["shutdown_policy"],
        exclusive=frozenset(_PLURAL[word] for word in params["exclusive"]),
        watchdogs={str(one["node"]): str(one.get("driver") or "") for one in params["watchdogs"] if one.get("node")},
        caller=caller_from(params),
    )


def _resources(params: Mapping[str, Any]) -> Iterator[tuple[Key, Wish]]:
    for one in params["resources"]:
        sid = given.named("An HA resource", one["sid"], _SID, "Such as vm:100 or ct:200.")
        said = _said(sid, one, ("group", "failback", "max_restart", "max_relocate", "comment"))
        for word in ("max_restart", "max_relocate"):
            if said.get(word, 0) < 0:
                raise Invalid(f"The HA resource {sid}: {word} cannot be less than 0.")
        if said.get("group"):
            given.named(f"The group of {sid}", said["group"], _NAME, _HINT)
        if one["state"] not in (None, "absent", "present"):
            said["state"] = _STATES.get(one["state"], one["state"])
        yield ("resource", sid), _wish(f"HA resource {sid}", said, one["state"] == "absent")


def _groups(params: Mapping[str, Any]) -> Iterator[tuple[Key, Wish]]:
    for one in params["groups"]:
        name = given.named("An HA group", one["group"], _NAME, _HINT)
        said = _said(name, one, ("restricted", "nofailback", "comment"))
        if one["nodes"] is not None:
            said["nodes"] = _nodes(f"The HA group {name}", one["nodes"])
        yield ("group", name), _wish(f"HA group {name}", said, one["state"] == "absent")


def _rules(params: Mapping[str, Any]) -> Iterator[tuple[Key, Wish]]:
    for one in params["rules"]:
        name = given.named("An HA rule", one["rule"], _NAME, _HINT)
        said = _said(name, one, ("type", "strict", "affinity", "disable", "comment"))
        if one["nodes"] is not None:
            said["nodes"] = _nodes(f"The HA rule {name}", one["nodes"])
        if one["resources"] is not None:
            hint = "Such as vm:100 or ct:200."
            said["resources"] = given.names(f"The resources of the HA rule {name}", one["resources"], _SID, hint)
        _check_rule(name, said)
        yield ("rule", name), _wish(f"HA rule {name}", said, one["state"] == "absent")


def _check_rule(name: str, said: Mapping[str, Any]) -> None:
    for type_, words in _OF_TYPE.items():
        strange = [word for word in words if word in said]
        if strange and said.get("type", type_) != type_:
            raise Invalid(f"The HA rule {name} is of the type {said['type']}, which has no {strange[0]}.")
    if "resources" in said and not said["resources"]:
        raise Invalid(f"The HA rule {name} has no resources.", "Declare it absent instead.")
    if said.get("affinity") and len(said.get("resources", ("", ""))) < 2:
        raise Invalid(f"The HA rule {name} is about one resource alone.", "An affinity of resources needs two.")


def _said(name: str, one: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return given.fields(f"HA {name}", one, keys)


def _wish(what: str, said: Mapping[str, Any], absent: bool) -> Wish:
    if absent and said:
        raise Invalid(f"The {what} is to go, and {', '.join(sorted(said))} is said of it.", "Say one of them.")
    return Wish(said, absent)


def _nodes(what: str, said: Mapping[Any, Any]) -> dict[str, int]:
    """Node → priority; nothing for the lowest one."""
    found = {}
    for name, priority in said.items():
        node = given.named(f"{what}: a node", name, NODE_NAME, "The name of a node, such as pve1.")
        number = 0 if priority is None else priority
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _HIGHEST:
            raise Invalid(f"{what}: the priority of {node} is {priority!r}.", f"A number from 0 to {_HIGHEST}.")
        found[node] = number
    if not found:
        raise Invalid(f"{what} names no node.")
    return found
