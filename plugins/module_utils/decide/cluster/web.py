# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the web interfaces tell, on the screen that sums a run up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ...model.cluster.web import Guests, WebInterface


def summarize_web(interfaces: Iterable[WebInterface], guests: Optional[Guests]) -> dict[str, str]:
    """Topic → one line. ``guests``: None when nobody could be asked for them."""
    lines: dict[str, str] = {}
    good = [one for one in interfaces if not one.problem]
    if good:
        lines["web interface"] = " or ".join(one.url for one in good)
    for one in interfaces:
        if one.problem:
            verdict = "NOT AS IT SHOULD BE" if one.reached else "not tried, as this controller does not reach it"
            lines[f"web interface of {one.node}"] = f"{verdict}: {one.problem}"
    if good:
        lines["Proxmox VE"] = _versions(good)
    if guests is not None and guests.total:
        lines["guests"] = _guests(guests)
    return lines


def _versions(interfaces: Iterable[WebInterface]) -> str:
    nodes: dict[str, list[str]] = {}
    for one in interfaces:
        nodes.setdefault(one.version, []).append(one.node)
    if len(nodes) == 1:
        return next(iter(nodes))
    parts = (f"{version} on {', '.join(names)}" for version, names in sorted(nodes.items()))
    return f"NOT THE SAME VERSION: {'; '.join(parts)}"


def _guests(guests: Guests) -> str:
    unknown = f"; the state of {guests.unknown} is unknown" if guests.unknown else ""
    return f"{guests.running} of {guests.total} run{unknown}"
