# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which OSD is meant, by its number or by its disk, and which node can work on it: what no node knows alone.

The node that has the disk is the right one, wherever the CRUSH map places the OSD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional, TypedDict, Union

from ...engine.errors import Invalid

#: What ``ceph_info`` returned on a host.
Told = Mapping[str, Any]


class OsdHome(TypedDict):
    """As the filter documents it."""

    osd: int
    host: Optional[str]
    exists: bool
    destroyed: bool
    runs_on: str
    disk_names: list[str]


def osd_home(told: Sequence[Told], osd: Union[int, str, None] = None, disk: Optional[str] = None) -> OsdHome:
    """``told``: what each host returned that could be asked."""
    if (osd in (None, "")) == (disk in (None, "")):
        raise Invalid("It is not clear which OSD is meant.", "Name it by its number or by its disk, not by both.")
    infos = [one for one in told if "osds" in one]
    if not infos:
        raise Invalid("No host has said anything about its Ceph.")
    number = _number_on(str(disk), infos) if osd in (None, "") else _number(osd)
    known: list[dict[str, Any]] = next((info["osds"] for info in infos if info["osds"]), [])
    entry = next((one for one in known if one["id"] == number), None)
    left = [(info, one) for info, one in _disks(infos) if number in one["osd_ids"]]
    if entry is None and not left:
        there = ", ".join(str(one["id"]) for one in known) or "none"
        raise Invalid(f"There is no osd.{number}.", f"There are: {there}.")
    mapped = None if entry is None else entry["host"]
    home = _home(mapped, [info for info, dummy in left], infos)
    return {
        "osd": number,
        "host": mapped if home is None else home["node"],
        "exists": entry is not None,
        "destroyed": entry is not None and entry["destroyed"],
        "runs_on": (infos[0] if home is None else home)["host"],
        "disk_names": [name for dummy, one in left for name in one["names"]],
    }


def _number(osd: Union[int, str, None]) -> int:
    text = str(osd).strip()
    if not text.isdecimal():
        raise Invalid(f"{text!r} is not the number of an OSD.", "Give a number such as 4.")
    return int(text)


def _number_on(disk: str, infos: Sequence[Told]) -> int:
    """The only OSD on the disk of this name."""
    found = sorted({number for dummy, one in _disks(infos) if disk in one["names"] for number in one["osd_ids"]})
    if len(found) == 1:
        return int(found[0])
    there = "; ".join(f"{_osds(one['osd_ids'])} on {one['device']} of {info['node']}" for info, one in _disks(infos))
    problem = f"carries {_osds(found)}" if found else "carries no OSD"
    hint = "Say by its number which OSD is meant." if found else f"OSDs and their disks: {there or 'none'}."
    raise Invalid(f"The disk {disk} {problem}.", hint)


def _home(mapped: Optional[str], with_disk: Sequence[Told], infos: Sequence[Told]) -> Optional[Told]:
    """Of the nodes that have the disk the one that Ceph names, else the first; without any the one that Ceph names."""
    named = next((info for info in with_disk or infos if info["node"] == mapped), None)
    return named or (with_disk[0] if with_disk else None)


def _disks(infos: Sequence[Told]) -> Iterator[tuple[Told, Mapping[str, Any]]]:
    for info in infos:
        for one in info["disks"]:
            yield info, one


def _osds(numbers: Sequence[int]) -> str:
    return ", ".join(f"osd.{number}" for number in numbers)
