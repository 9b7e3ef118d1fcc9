# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts of a declared guest that machines and containers have in common, checked and in the words of the API."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.guest.desired import Clone, DesiredGuest, DesiredGuests, DesiredHa, Snapshot
from ...model.guest.mark import KEY, OWN, VALUE
from ...model.guest.properties import Overlay, family
from ...model.guest.size import parse_size
from ..access import given

LABEL = r"[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?"
DNS_NAME = re.compile(rf"{LABEL}(\.{LABEL})*")
STORAGE = re.compile(r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]")
VOLUME = re.compile(r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:[^\s,]+")
BRIDGE = re.compile(r"[a-zA-Z0-9_.\-]{1,15}")
NODE = re.compile(LABEL)
POOL = re.compile(r"[A-Za-z0-9.\-_]+(/[A-Za-z0-9.\-_]+){0,2}")
NET = re.compile(r"net\d+")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-+.]*")
_MAC = re.compile(r"(?i)[0-9a-f][02468ace](:[0-9a-f]{2}){5}")
_SNAPSHOT = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{1,39}")
_LONGEST_DESCRIPTION = 8192
_SMALLEST, _LARGEST = 100, 999999999

FLAGS = {True: "1", False: "0"}


def checked(what: str, value: Any, form: re.Pattern[str], hint: str = "") -> str:
    return given.named(what, value, form, hint)


def identity(definition: Mapping[str, Any], noun: str) -> tuple[int, str]:
    vmid = definition["vmid"]
    if not _SMALLEST <= vmid <= _LARGEST:
        raise Invalid(f"{vmid} cannot be the number of a guest.", f"They are between {_SMALLEST} and {_LARGEST}.")
    hint = "Letters, digits, '-' and '.'; it is the guest's host name, too."
    return vmid, checked(f"{noun} {vmid}: name", definition["name"], DNS_NAME, hint)


def together(noun: str, guests: Sequence[DesiredGuest], reserve: int) -> DesiredGuests:
    """What two cannot have is said once. ``reserve``: in MiB."""
    given.once(noun, [str(one.vmid) for one in guests])
    given.once(f"name of a {noun}", [one.name for one in guests if not one.absent])
    given.once("MAC address", [mac for one in guests for mac in _macs(one)])
    given.once(f"address of a {noun}", [ip for one in guests for ip in _addresses(one)])
    return DesiredGuests(tuple(sorted(guests, key=lambda one: one.vmid)), reserve << 20)


def _macs(guest: DesiredGuest) -> Iterator[str]:
    for key, overlay in guest.overlays.items():
        mac = overlay.get("macaddr") or overlay.get("hwaddr")
        if family(key) == "net" and mac:
            yield mac


def _addresses(guest: DesiredGuest) -> Iterator[str]:
    """Of a machine cloud-init has them."""
    for key, overlay in guest.overlays.items():
        for name in ("ip", "ip6") if family(key) in ("net", "ipconfig") else ():
            if "/" in str(overlay.get(name)):
                yield str(overlay[name]).partition("/")[0]


def common(what: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a DesiredGuest that are said alike."""
    if definition["ha"] and definition["running"] is not None:
        raise Invalid(f"{what}: running and ha exclude each other.", "What HA manages runs by ha.state.")
    text: Optional[str] = definition["description"]
    if text is not None and (len(text.encode()) > _LONGEST_DESCRIPTION // 2 or "baremetal.virt:" in text):
        raise Invalid(f"{what}: the description is too long, or has a mark of its own.")
    found: dict[str, Any] = {
        "absent": definition["state"] == "absent",
        "running": definition["running"],
        "mark": _mark(what, definition["mark"]),
        "description": text,
        "tags": _tags(what, definition["tags"]),
        "snapshots": tuple(_snapshot(what, one) for one in definition["snapshots"]),
        "ha": _ha(definition["ha"]),
        "clone": _clone(what, definition["clone"]),
    }
    for name, form in (("node", NODE), ("pool", POOL)):
        if definition[name] is not None:
            found[name] = checked(f"{what}: {name}", definition[name], form)
    return found


def _mark(what: str, said: Mapping[str, Any]) -> dict[str, str]:
    for key, value in said.items():
        text = given.text(f"{what}: mark.{key}", value)
        if not KEY.fullmatch(str(key)) or key in OWN or not VALUE.fullmatch(text):
            hint = "Names in small letters, not vmid and name; values without blanks, ',' and '='."
            raise Invalid(f"{what}: the mark cannot say {key}={text}.", hint)
    return dict(said)


def _tags(what: str, said: Optional[Sequence[Any]]) -> Optional[frozenset[str]]:
    if said is None:
        return None
    return frozenset(
        checked(f"{what}: tags", tag, _TAG, "Letters, digits, '_', '-', '+', '.'.").lower() for tag in said
    )


def _snapshot(what: str, said: Mapping[str, Any]) -> Snapshot:
    name = checked(
        f"{what}: snapshot", said["name"], _SNAPSHOT, "A letter first, at most 40 letters, digits, '-', '_'."
    )
    if name in ("current", "pending", "vzdump"):
        raise Invalid(f"{what}: Proxmox VE keeps the name {name} of a snapshot to itself.")
    return Snapshot(name, said["state"] == "absent", said["description"] or "", said["vmstate"])


def _ha(said: Optional[Mapping[str, Any]]) -> Optional[DesiredHa]:
    if said is None:
        return None
    options = {key: str(said[key]) for key in ("state", "max_restart", "max_relocate") if said[key] is not None}
    return DesiredHa(said["managed"], options)


def _clone(what: str, said: Optional[Mapping[str, Any]]) -> Optional[Clone]:
    if said is None:
        return None
    version, template = said["version"], said["template"]
    if (said["vmid"] is None) == (template is None) or (template is None) != (version is None):
        raise Invalid(f"{what}: clone says either vmid, or template and version.")
    storage = "" if said["storage"] is None else checked(f"{what}: clone.storage", said["storage"], STORAGE)
    if storage and not said["full"]:
        raise Invalid(f"{what}: a linked clone is on the storage of its template.", "Say full, or no storage.")
    if template is None:
        return Clone(said["vmid"], full=said["full"], storage=storage)
    named = checked(f"{what}: clone.template", template, DNS_NAME)
    return Clone(0, named, checked(f"{what}: clone.version", version, VALUE), said["full"], storage)


def size(what: str, value: Any) -> int:
    """In bytes. A number without a unit would be GiB here and bytes there."""
    found = parse_size(value) if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?[MGT]", value) else None
    if not found or found % 1024:
        raise Invalid(f"{what}: {value!r} is no size.", "Write a number with its unit, such as 32G or 512M.")
    return found


def wire(what: str, said: Mapping[str, Any], mac: str) -> dict[str, Optional[str]]:
    """What the nets of machines and containers have in common. ``mac``: what the API calls it."""
    found: dict[str, Optional[str]] = {}
    if said["bridge"] is not None:
        found["bridge"] = checked(f"{what}: bridge", said["bridge"], BRIDGE)
    if said["mac"] is not None:
        hint = "Such as 02:00:00:00:00:11, in quotes; not one of a group."
        found[mac] = checked(f"{what}: mac", said["mac"], _MAC, hint).upper()
    numbers = {"tag": (1, 4094), "mtu": (1, 65520)}
    for name, (least, most) in numbers.items():
        if said[name] is not None:
            if not least <= said[name] <= most:
                raise Invalid(f"{what}: {name} is to be between {least} and {most}.")
            found[name] = str(said[name])
    if said["rate"] is not None:
        found["rate"] = f"{said['rate']:g}"
    return {**found, **flags(said, ("firewall", "link_down"))}


def flags(said: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: FLAGS[said[name]] for name in names if said[name] is not None}


def addresses(what: str, said: Mapping[str, Any]) -> Overlay:
    """The whole of it: what is not said is not to be. A gateway that would leave a guest without address is refused."""
    found: dict[str, Optional[str]] = dict.fromkeys(("ip", "gw", "ip6", "gw6"))
    for ip, gateway, words, version in (("ip", "gw", ("dhcp",), 4), ("ip6", "gw6", ("dhcp", "auto"), 6)):
        address, through = said[ip], said[gateway]
        if address is not None:
            found[ip] = _address(f"{what}: {ip}", address, words, version)
        if through is not None:
            if address is None or address in words:
                raise Invalid(f"{what}: {gateway} needs a fixed address in {ip}.", "Else it would come up without one.")
            found[gateway] = _gateway(f"{what}: {gateway}", through, version)
    return found


def _address(what: str, value: Any, words: Sequence[str], version: int) -> str:
    text = given.text(what, value)
    if text in words:
        return text
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        found = None
    if found is None or found.version != version or "/" not in text:
        raise Invalid(f"{what}: {text!r} is no address.", f"Write {' or '.join(words)}, or one with its prefix.")
    return str(found)


def _gateway(what: str, value: Any, version: int) -> str:
    text = given.text(what, value)
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        found = None
    if found is None or found.version != version:
        raise Invalid(f"{what}: {text!r} is no address of a gateway.")
    return str(found)


def startup(said: Optional[Mapping[str, Any]]) -> dict[str, Overlay]:
    if said is None:
        return {}
    return {"startup": {name: str(value) for name, value in said.items() if value is not None}}


def values(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Parameter → key of the API, of those that are said and are one text there."""
    return {key: _text(said[name]) for name, key in names.items() if said[name] is not None}


def _text(value: Any) -> str:
    return FLAGS[value] if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def servers(what: str, said: Mapping[str, Any]) -> dict[str, str]:
    """How names are resolved."""
    found = {}
    if said["nameservers"] is not None:
        for one in said["nameservers"]:
            text = given.text(f"{what}: nameservers", one)
            try:
                ipaddress.ip_address(text)
            except ValueError:
                raise Invalid(f"{what}: {text!r} is no address of a name server.") from None
        found["nameserver"] = " ".join(said["nameservers"])
    if said["search_domain"] is not None:
        found["searchdomain"] = checked(f"{what}: search_domain", said["search_domain"], DNS_NAME)
    return found


def keys(what: str, said: Iterable[str]) -> tuple[str, ...]:
    """Public keys, one in a line."""
    found = tuple(line.strip() for line in said)
    for line in found:
        if not re.fullmatch(r"(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( [^\n]*)?", line):
            raise Invalid(f"{what}: {line[:40]!r} is no public key.", "It is what stands in a file such as id.pub.")
    return found
