# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where CRUSH would put the data of Ceph after each single loss: of a host, of a disk, of an OSD."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any

from ...engine.reader import Reader
from ...model.ceph.refill import Placements
from ...model.ceph.state import Osd
from .state import ask

#: What every daemon said of itself when it started: its host, and the disks of its data and its databases.
METADATA = ("ceph", "osd", "metadata", "--format", "json")


def observe(reader: Reader, osds: Iterable[Osd]) -> Placements:
    """Empty where CRUSH's own tool is not installed, or the monitors do not answer any more."""
    lost = lost_together(list(osds), reader.run_json(*METADATA) or [])
    answers, dummy = ask(reader, _parse, "losses", *(",".join(map(str, sorted(one))) for one in lost))
    if not answers:
        return {}
    now, *after = answers
    return {frozenset(one): ChainMap(moved, now) for one, moved in zip(lost, after)}


def _parse(answers: Any) -> list[dict[str, tuple[int, ...]]]:
    return [{group: tuple(members) for group, members in groups.items()} for groups in answers]


def lost_together(osds: list[Osd], metadata: Iterable[Mapping[str, Any]]) -> list[set[int]]:
    """OSDs that are out after a loss: those of a host, of a disk, or one alone; the largest losses first.

    Those that are down already go out with them.
    """
    there = {osd.id for osd in osds if osd.is_in}
    away = {osd.id for osd in osds if osd.is_in and not osd.up}
    shared: dict[tuple[str, str], set[int]] = {}
    for osd in osds:
        shared.setdefault((osd.host or "", ""), set()).add(osd.id)
    for one in metadata:
        for part in filter(None, one.get("device_ids", "").split(",")):
            shared.setdefault((one.get("hostname", ""), part.partition("=")[2]), set()).add(one["id"])
    units = [*sorted(shared.values(), key=len, reverse=True), *({number} for number in sorted(there))]
    found = [(unit & there) | away for unit in units if unit & there]
    return [one for place, one in enumerate(found) if one not in found[:place]]
