# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each owner of a fleet is handed: machines, their addresses, who logs in there, and the way to the console."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Optional
from urllib.parse import urlencode

from ...engine.errors import Invalid

Row = Mapping[str, Any]
_CONSOLES = {"qemu": "kvm", "lxc": "lxc"}
_COLUMNS = ("machine", "id", "address", "user", "console")
#: Somebody who gives his machines back, or has had his time, is handed nothing.
_STATES = ("active", "ending")


class _Text:
    """What the writer of a table writes to."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, part: str) -> None:
        self.parts.append(part)


def guest_hand_outs(
    owners: Sequence[Row], there: Row, web: str, passwords: Optional[Mapping[str, str]] = None
) -> list[dict[str, str]]:
    """``there``: what guest_info tells. ``passwords``: owner → what stands on his page, if anybody wants that."""
    if not re.fullmatch(r"https://[^\s/]+", web):
        raise Invalid(f"{web!r} is no address of the web interface.", "Write it such as https://pve1.example.org:8006.")
    secrets = passwords or {}
    guests = {int(one["vmid"]): one for one in there["guests"]}
    ours = {int(one["vmid"]): one for one in (*there["vms"], *there["containers"])}
    return [_page(owner, guests, ours, web, secrets) for owner in owners if owner["state"] in _STATES]


def _page(
    owner: Row, guests: Mapping[int, Row], ours: Mapping[int, Row], web: str, secrets: Mapping[str, str]
) -> dict[str, str]:
    machines = {name: int(vmid) for name, vmid in sorted(owner["machines"].items())}
    rows = [_row(name, vmid, guests, ours, web) for name, vmid in machines.items() if vmid in ours]
    absent = [name for name, vmid in machines.items() if vmid not in ours]
    secret = secrets.get(owner["owner"], "")
    told = {"owner": owner["owner"], "fleet": owner["fleet"], "ends": owner["ends"] or "never"}
    name = owner["pool"].replace("/", ".")
    return {**told, "name": name, "csv": _table(rows, secret), "html": _html(told, rows, absent, secret)}


def _row(name: str, vmid: int, guests: Mapping[int, Row], ours: Mapping[int, Row], web: str) -> dict[str, str]:
    guest, said = guests[vmid], ours[vmid]
    init = said.get("cloud_init") or {}
    cards = [*init.get("addresses", ()), *said.get("nets", ())]
    ips = [str(card[key]).partition("/")[0] for card in cards for key in ("ip", "ip6") if card.get(key)]
    place = {"console": _CONSOLES[guest["kind"]], "novnc": 1, "vmid": vmid, "node": guest["node"]}
    user = str(init.get("user") or "")
    return dict(zip(_COLUMNS, (name, str(vmid), " ".join(ips), user, f"{web}/?{urlencode(place)}")))


def _table(rows: Sequence[Row], secret: str) -> str:
    text = _Text()
    columns = (*_COLUMNS, *(("password",) if secret else ()))
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, **({"password": secret} if secret else {})})
    return "".join(text.parts)


def _html(told: Mapping[str, str], rows: Sequence[Row], absent: Sequence[str], secret: str) -> str:
    title = escape(f"{told['fleet']}: machines of {told['owner']}")
    ends = f"<p>They are there through {escape(told['ends'])}.</p>" if told["ends"] != "never" else ""
    password = f"<p>Password: <code>{escape(secret)}</code></p>" if secret else ""
    missing = f"<p>Not there yet: {escape(', '.join(absent))}.</p>" if absent else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    body = "".join(f"<tr>{_cells(row)}</tr>\n" for row in rows)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
        f"<h1>{title}</h1>\n{ends}{password}{missing}\n<table>\n<tr>{head}</tr>\n{body}</table>\n"
        f"<p>For the console, log in as <code>{escape(told['owner'])}</code>.</p>\n</body>\n</html>\n"
    )


def _cells(row: Row) -> str:
    link = f'<td><a href="{escape(row["console"])}">open</a></td>'
    return "".join(f"<td>{escape(row[name])}</td>" for name in _COLUMNS[:-1]) + link
