# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted fleets; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_interface
from typing import Any, Optional

from ...engine.day import end_of_day, written_day
from ...engine.errors import Invalid
from ...model.access import names
from ...model.guest.fleet import (
    NEVER,
    DesiredFleet,
    DesiredFleets,
    FleetMachine,
    FleetNetwork,
    Interface,
    Quota,
    ReleaseRules,
)
from ...model.guest.owner import Owners, owners_from_list
from ...model.guest.size import parse_size
from ..access.caller import caller_from
from ..access.given import named, once, text

_ID = re.compile(r"[a-z][a-z0-9-]{0,19}")
_MACHINE = re.compile(r"[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?")
_LABEL_HINT = "Small letters of English, digits and hyphens, at most 20, such as os-2027."
_DAY_HINT = f"Write {NEVER}, or the last day, such as 2027-02-28, through which the machines are there."
#: What the fleet says of each owner's machines itself.
_OF_THE_FLEET = ("vmid", "pool", "mark", "state")
_LAST_VLAN, _FIRST_ID = 4094, 100


def fleets_from(params: Mapping[str, Any]) -> DesiredFleets:
    fleets = tuple(_fleet(one) for one in params["fleets"])
    once("fleet", [fleet.id for fleet in fleets])
    ordered = sorted(fleets, key=lambda fleet: fleet.ids.start)
    for one, other in zip(ordered, ordered[1:]):
        if other.ids.start < one.ids.stop:
            raise Invalid(f"The fleets {one.id} and {other.id} share ids.", "Give each a block of its own.")
    return DesiredFleets(fleets, params.get("confirm_owners"), caller_from(params))


def _fleet(said: Mapping[str, Any]) -> DesiredFleet:
    name = named("A fleet", said["id"], _ID, _LABEL_HINT)
    what = f"Fleet {name}"
    realm = named(f"{what}: realm", said["realm"], names.REALM, "The name of a realm, such as pve.")
    prefix = text(f"{what}: prefix", said["prefix"]) if said["prefix"] != "" else ""
    listed = said["owners"]
    owners, file = (Owners(), text(f"{what}: owners", listed)) if isinstance(listed, str) else (None, "")
    if owners is None:
        if not isinstance(listed, Sequence):
            raise Invalid(f"{what}: owners is {listed!r}.", "Give a list, or the path of a table with a column login.")
        owners = owners_from_list(listed, realm, prefix)
    if said["grace_days"] < 1 or said["warn_days"] < 0:
        hint = "What is released can be had back for at least a day."
        raise Invalid(f"{what}: grace_days is at least 1, and warn_days at least 0.", hint)
    zone = text(f"{what}: zone", said["zone"])
    return DesiredFleet(
        name,
        _machines(what, said),
        _ids(what, said["ids"]),
        _network(what, said["network"]),
        owners,
        file,
        realm,
        prefix,
        named(f"{what}: role", said["role"], names.NAME, "The name of a role.") if said.get("role") else "",
        _quota(what, said.get("quota") or {}),
        last_day(f"{what}: expires", said["expires"], zone),
        zone,
        said["warn_days"],
        said["grace_days"],
        _release(what, said.get("release")),
        _isolation(what, said),
    )


def last_day(what: str, value: Any, zone: str) -> str:
    """A day as text, or never. A number would be a moment that nobody means, such as 0."""
    said = value.isoformat() if hasattr(value, "isoformat") else value
    if said == NEVER:
        return NEVER
    try:
        end_of_day(said, zone)
        return written_day(said)
    except (TypeError, ValueError) as error:
        raise Invalid(f"{what} cannot be {value!r} in the zone {zone!r}: {error}.", _DAY_HINT) from None


def _machines(what: str, said: Mapping[str, Any]) -> tuple[FleetMachine, ...]:
    found = tuple(_machine(what, one, said.get("template")) for one in said["per_owner"])
    if not found:
        raise Invalid(f"{what}: per_owner names no machine.", "Describe at least one, with a name such as vm.")
    once(f"{what}: machine", [machine.name for machine in found])
    return found


def _machine(what: str, said: Mapping[str, Any], template: Optional[Mapping[str, Any]]) -> FleetMachine:
    name = named(f"{what}: the name of a machine", said.get("name"), _MACHINE, _LABEL_HINT)
    wrong = [key for key in _OF_THE_FLEET if key in said]
    if wrong:
        raise Invalid(f"{what}: {name}: {', '.join(wrong)} is said by the fleet, for each owner.", "Leave it out.")
    wish = {key: value for key, value in said.items() if key not in ("name", "container")}
    if template is not None and "clone" not in wish and not said.get("container"):
        wish["clone"] = template
    return FleetMachine(name, bool(said.get("container", False)), wish)


def _ids(what: str, said: Mapping[str, int]) -> range:
    if said["first"] < _FIRST_ID or said["count"] < 1:
        raise Invalid(f"{what}: ids begin at {_FIRST_ID} or above, and are at least one.")
    return range(said["first"], said["first"] + said["count"])


def _network(what: str, said: Mapping[str, Any]) -> FleetNetwork:
    first = said.get("first_address")
    if first is None and said.get("gateway") is not None:
        raise Invalid(f"{what}: a gateway without first_address is no use.", "DHCP tells machines their gateway.")
    vlan, vnet = said.get("vlan"), said.get("vnet")
    if vlan is not None and vnet is not None:
        raise Invalid(f"{what}: each owner has either a VLAN or a vnet of his own.", "Say one of vlan and vnet.")
    if vlan is not None and not 0 < vlan <= _LAST_VLAN:
        raise Invalid(f"{what}: vlan {vlan} is none; they are 1 to {_LAST_VLAN}.")
    return FleetNetwork(
        text(f"{what}: bridge", said["bridge"]),
        None if first is None else _first(what, first),
        "" if said.get("gateway") is None else _address(f"{what}: gateway", said["gateway"]),
        tuple(_address(f"{what}: nameservers", one) for one in said["nameservers"]),
        text(f"{what}: search_domain", said["search_domain"]) if said.get("search_domain") else "",
        vlan,
        text(f"{what}: vnet", vnet) if vnet is not None else "",
    )


def _first(what: str, value: Any) -> Interface:
    said = text(f"{what}: first_address", value)
    try:
        return ip_interface(said) if "/" in said else _without_length(said)
    except ValueError as error:
        hint = "Write the address of the first machine with the length of its network, such as 10.20.0.10/24."
        raise Invalid(f"{what}: first_address: {error}.", hint) from None


def _without_length(said: str) -> Interface:
    raise ValueError(f"{said} has no length of its network")


def _address(what: str, value: Any) -> str:
    said = text(what, value)
    try:
        return str(ip_address(said))
    except ValueError as error:
        raise Invalid(f"{what}: {error}.") from None


def _quota(what: str, said: Mapping[str, Any]) -> Quota:
    disk = said.get("disk")
    size = parse_size(text(f"{what}: quota: disk", disk)) if disk is not None else None
    numbers = {name: said[name] for name in ("cores", "memory") if said.get(name) is not None}
    gpus = said.get("gpus")
    negative = gpus is not None and gpus < 0
    if (disk is not None and not size) or negative or any(number < 1 for number in numbers.values()):
        hint = "cores and gpus are numbers, memory is in MiB, disk such as 100G; a limit that is left out is none."
        raise Invalid(f"{what}: quota is not understood.", hint)
    memory = numbers.get("memory")
    return Quota(numbers.get("cores"), None if memory is None else memory << 20, size, gpus)


def _isolation(what: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    isolation = said.get("isolation")
    if isolation is None:
        return {}
    if isolation["ipfilter"] and said["network"].get("first_address") is None:
        hint = "Say first_address, or ipfilter: false."
        raise Invalid(f"{what}: isolation: nobody knows which addresses DHCP gives to the machines.", hint)
    return dict(isolation)


def _release(what: str, said: Optional[Mapping[str, Any]]) -> Optional[ReleaseRules]:
    if said is None:
        return None
    storage = named(f"{what}: release: backup_to", said["backup_to"], names.NAME, "The name of a storage.")
    discard = tuple(text(f"{what}: release: discard", one) for one in said["discard"])
    if said["stop_timeout"] < 1:
        raise Invalid(f"{what}: release: stop_timeout is at least a second.")
    return ReleaseRules(storage, discard, said["stop_timeout"])
