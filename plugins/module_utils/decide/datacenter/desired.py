# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of the datacenter → what is wanted; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.datacenter.datacenter import BUILT_IN, LISTED, SECRETS, DesiredDatacenter, Key, Kind, Value, Wish
from ...model.datacenter.options import NETWORKS, OPTIONS, PARTS, Meaning, meaning, spelled

_KINDS: Mapping[str, Kind] = {plural: kind for kind, plural in LISTED.items()}
_BESIDE = ("name", "type", "state", "update_secret", *SECRETS)
#: What a thing has to say; one that is there already may have said it before.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "graphite": ("server", "port"),
    "influxdb": ("server", "port"),
    "smtp": ("server", "from-address"),
    "gotify": ("server",),
}


def desired_from(params: Mapping[str, Any]) -> DesiredDatacenter:
    options = dict(_options(params["options"] or {}))
    unset = frozenset(
        word.replace("_", "-", 1) if word.startswith(("next_", "tag_")) else word for word in params["unset"]
    )
    _check_unset(options, unset)
    _check_numbers(options)
    wishes: dict[Key, Wish] = {}
    for kind, plural in LISTED.items():
        for one in params[plural]:
            key = (kind, one["name"])
            if key in wishes:
                raise Invalid(f"datacenter: the {kind} {one['name']} is declared twice.")
            wishes[key] = _wish(kind, one)
    return DesiredDatacenter(options, unset, wishes, frozenset(_KINDS[word] for word in params["exclusive"]))


def _options(given: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    for name, value in given.items():
        option = name if name in OPTIONS else name.replace("_", "-")
        if value is not None:
            yield option, meaning(option, value)


def _check_unset(options: Mapping[str, Meaning], unset: frozenset[str]) -> None:
    for word in sorted(unset):
        option, dummy, part = word.partition(".")
        if option not in OPTIONS or (part and option not in PARTS):
            raise Invalid(f"datacenter: unset names {word}, which is no option.")
        said = options.get(option)
        if said is not None and (not part or (isinstance(said, Mapping) and part in said)):
            raise Invalid(f"datacenter: {word} is declared, and unset as well.")


def _check_numbers(options: Mapping[str, Meaning]) -> None:
    bounds = options.get("next-id")
    if isinstance(bounds, Mapping) and int(bounds.get("lower", "100")) > int(bounds.get("upper", "1000000")):
        raise Invalid("datacenter: the lower bound of next_id is above the upper one.")
    for name in NETWORKS:
        found = options.get(name)
        network = found.get("network", "") if isinstance(found, Mapping) else ""
        try:
            ipaddress.ip_network(network or "0.0.0.0/0")
        except ValueError:
            raise Invalid(f"datacenter: {name}: {network!r} is no network.") from None


def _wish(kind: Kind, one: Mapping[str, Any]) -> Wish:
    key = (kind, one["name"])
    if one["state"] == "absent":
        if key in BUILT_IN:
            raise Invalid(
                f"datacenter: the {kind} {one['name']} comes back when it is deleted.", "Declare it with disable: true."
            )
        return Wish(absent=True)
    type_ = one.get("type") or ""
    if kind != "matcher" and not type_:
        raise Invalid(f"datacenter: the {kind} {one['name']} needs a type.")
    options = {name.replace("_", "-"): _value(value) for name, value in one.items() if name not in _BESIDE}
    said = {name: value for name, value in options.items() if value is not None}
    missing = [name for name in _NEEDED.get(type_, ()) if name not in said]
    if missing:
        raise Invalid(f"datacenter: the {kind} {one['name']} ({type_}) needs {', '.join(missing)}.")
    secrets = {name: str(one[name]) for name in SECRETS if one.get(name)}
    return Wish(type_, False, said, secrets, bool(one.get("update_secret")))


def _value(value: Any) -> Optional[Value]:
    """None where it is not said."""
    if value is None:
        return None
    return frozenset(map(str, value)) if isinstance(value, list) else spelled(value)
