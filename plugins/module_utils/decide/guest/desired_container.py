# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted containers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.guest.desired import DesiredDisk, DesiredGuest, DesiredGuests
from ...model.guest.properties import Overlay
from ..access import given
from . import said
from .desired_firewall import firewall_from

_VALUES = {name: name for name in ("onboot", "protection", "ostype", "cores", "cpulimit", "cpuunits", "memory", "swap")}
_MOUNT = re.compile(r"mp([1-9]?\d|1\d\d|2[0-4]\d|25[0-5])")
_PATH = re.compile(r"/[^\s,]*")
_INTERFACE = re.compile(r"[a-zA-Z][a-zA-Z0-9_.\-]{0,14}")
_SHORTEST_PASSWORD = 5


def desired_from(params: Mapping[str, Any]) -> DesiredGuests:
    guests = tuple(_container(one) for one in params["containers"])
    return said.together("container", guests, params["reserve_memory"])


def _container(definition: Mapping[str, Any]) -> DesiredGuest:
    vmid, name = said.identity(definition, "container")
    what = f"container {vmid} ({name})"
    common = said.common(what, definition)
    made = _creation(what, definition)
    if not common["absent"] and common["clone"] is None and not ("ostemplate" in made and definition["rootfs"]):
        raise Invalid(f"{what}: it is made from os_template, on a rootfs, or it is a clone.")
    wires = [(said.checked(f"{what}: slot", one["slot"], said.NET), one) for one in definition["nets"]]
    gone = frozenset(slot for slot, one in wires if one["state"] == "absent")
    cards: dict[str, Overlay] = {slot: _net(f"{what}: {slot}", one) for slot, one in wires if one["state"] == "present"}
    firewall, cards = firewall_from(what, definition["firewall"], cards, cards)
    overlays: dict[str, Overlay] = {**said.startup(definition["startup"]), **cards}
    if definition["features"] is not None:
        overlays["features"] = said.flags(definition["features"], ("nesting", "keyctl", "fuse"))
    disks = tuple(_mount(what, one) for one in definition["mounts"])
    if definition["rootfs"] is not None:
        disks = (_volume(what, "rootfs", definition["rootfs"], {}), *disks)
    given.once(f"slot of {what}", [*(slot for slot, dummy in wires), *(disk.slot for disk in disks)])
    values = {**said.values(definition, _VALUES), **said.servers(what, definition)}
    password = definition["password"] or ""
    if password and len(password) < _SHORTEST_PASSWORD:
        raise Invalid(f"{what}: the password is shorter than {_SHORTEST_PASSWORD} characters.")
    if common["clone"] is not None and not common["absent"] and (password or definition["ssh_keys"] is not None):
        raise Invalid(f"{what}: a clone has the password and the keys of what it is a clone of.", "Leave them out.")
    rest = {**common, "creation": made, "password": password, "disks": disks, "firewall": firewall}
    return DesiredGuest("lxc", vmid, name, values=values, overlays=overlays, dropped=gone, **rest)


def _creation(what: str, definition: Mapping[str, Any]) -> dict[str, str]:
    made = {"unprivileged": said.FLAGS[definition["unprivileged"]]}
    if definition["os_template"] is not None:
        made["ostemplate"] = said.checked(f"{what}: os_template", definition["os_template"], said.VOLUME)
    if definition["ssh_keys"] is not None:
        made["ssh-public-keys"] = "\n".join(said.keys(f"{what}: ssh_keys", definition["ssh_keys"]))
    return made


def _mount(what: str, one: Mapping[str, Any]) -> DesiredDisk:
    slot = said.checked(f"{what}: slot", one["slot"], _MOUNT, "Such as mp0.")
    if one["state"] == "absent":
        return DesiredDisk(slot, absent=True)
    if None in (one["storage"], one["size"], one["path"]):
        raise Invalid(f"{what}: {slot} needs storage, size and path.")
    path = said.checked(f"{what}: {slot}: path", one["path"], _PATH)
    return _volume(what, slot, one, {"mp": path, **said.flags(one, ("backup",))})


def _volume(what: str, slot: str, one: Mapping[str, Any], options: Overlay) -> DesiredDisk:
    storage = said.checked(f"{what}: {slot}: storage", one["storage"], said.STORAGE)
    return DesiredDisk(slot, storage=storage, size=said.size(f"{what}: {slot}: size", one["size"]), options=options)


def _net(what: str, one: Mapping[str, Any]) -> Overlay:
    name = said.checked(f"{what}: name", one["name"], _INTERFACE)
    found: dict[str, Optional[str]] = {"name": name, **said.wire(what, one, "hwaddr")}
    if any(one[key] is not None for key in ("ip", "gw", "ip6", "gw6")):
        found.update(said.addresses(what, one))
    return found
