# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Guests that have what only one can have. Neither is ready: nobody knows which of them answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_interface
from typing import Any

from ...model.guest.desired import parts_of
from ...model.guest.inside import Inside
from ...model.guest.observed import ObservedGuest, ObservedGuests
from ...model.guest.properties import Properties, truth

_KINDS = ("address", "MAC address", "machine-id", "SSH host key")
#: What is one thing that two have: its kind, and itself. An address is another one in another network.
_Thing = tuple[str, str, str]


def duplicates(observed: ObservedGuests, inside: Mapping[int, Inside]) -> list[dict[str, Any]]:
    """Among all guests that are seen, whosever they are. A template never runs."""
    owners: dict[_Thing, list[ObservedGuest]] = {}
    for guest in (observed.seen[vmid] for vmid in sorted(observed.seen)):
        if truth(guest.config.get("template")):
            continue
        for thing in sorted({*_outside(guest), *_inside(inside.get(guest.listed.vmid, Inside()))}):
            owners.setdefault(thing, []).append(guest)
    return [
        {"what": what, "value": value, "guests": [_row(guest) for guest in guests]}
        for (what, value, dummy), guests in sorted(owners.items(), key=lambda one: (_KINDS.index(one[0][0]), one[0]))
        if len(guests) > 1
    ]


def not_ready(found: list[dict[str, Any]]) -> list[str]:
    """One sentence for each guest and thing."""
    return [
        f"{one['name']} ({one['vmid']}) is not ready: it has the {row['what']} {row['value']}, as has "
        + ", ".join(f"{other['name']} ({other['vmid']})" for other in row["guests"] if other != one)
        + "."
        for row in found
        for one in row["guests"]
    ]


def _row(guest: ObservedGuest) -> dict[str, Any]:
    return {"vmid": guest.listed.vmid, "name": guest.name}


def _outside(guest: ObservedGuest) -> Iterator[_Thing]:
    for key, text in guest.config.items():
        if not re.fullmatch(r"net\d+", key):
            continue
        card = parts_of(guest.listed.kind, key, text)
        mac = card.get("macaddr", card.get("hwaddr", "")).upper()
        if mac:
            yield "MAC address", mac, ""
        init = parts_of("qemu", "ipconfig0", guest.config.get(f"ipconfig{key[3:]}", ""))
        network = f"{card.get('bridge', '')} {card.get('tag', '')}"
        for address in _addresses(init if guest.listed.kind == "qemu" else card):
            yield "address", address, network


def _addresses(said: Properties) -> Iterator[str]:
    for name in ("ip", "ip6"):
        if "/" in said.get(name, ""):
            yield str(ip_interface(said[name]).ip)


def _inside(found: Inside) -> Iterator[_Thing]:
    if found.machine_id:
        yield "machine-id", found.machine_id, ""
    if found.host_key:
        yield "SSH host key", found.host_key, ""
