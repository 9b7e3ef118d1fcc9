# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the logical volumes of this node, with their tags, and the devices of their groups: two processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.reader import Reader
from ...model.node.lvm import Lvm, Volume

VOLUMES = (
    *("lvs", "--reportformat", "json", "--options"),
    "vg_name,lv_name,lv_path,lv_tags,lv_device_open,devices",
)
GROUPS = ("pvs", "--reportformat", "json", "--options", "pv_name,vg_name")
NOT_INSTALLED = 127


def observe_volumes(reader: Reader) -> Optional[tuple[Volume, ...]]:
    """None when they cannot be read; nothing on a node without LVM."""
    done = reader.run(*VOLUMES)
    if done.rc == NOT_INSTALLED:
        return ()
    rows = _rows(done.stdout, "lv") if done.rc == 0 else None
    if rows is None:
        return None
    found: dict[tuple[str, str], Volume] = {}
    for row in rows:  # one for each segment of a volume
        key = (row["vg_name"], row["lv_name"])
        earlier = found[key].devices if key in found else ()
        found[key] = _volume(row, earlier)
    return tuple(found.values())


def observe_lvm(reader: Reader) -> Lvm:
    """For a node with disks of LVM: that the programs are missing is no answer there."""
    volumes, done = observe_volumes(reader), reader.run(*GROUPS)
    rows = _rows(done.stdout, "pv") if done.rc == 0 else None
    if volumes is None or rows is None:
        return Lvm(unread=True)
    groups: dict[str, tuple[str, ...]] = {}
    for row in rows:
        groups[row["vg_name"]] = (*groups.get(row["vg_name"], ()), row["pv_name"])
    return Lvm(volumes, unused=groups.pop("", ()), groups=groups)


def _volume(row: Mapping[str, str], earlier: tuple[str, ...]) -> Volume:
    """``devices`` is ``/dev/sdb(0)``, or several of them with commas between."""
    devices = (*earlier, *(one.partition("(")[0] for one in row["devices"].split(",") if one))
    tags = dict(tag.partition("=")[::2] for tag in row["lv_tags"].split(",") if tag)
    opened = row["lv_device_open"] == "open"
    return Volume(row["vg_name"], row["lv_name"], row["lv_path"], tags, opened, tuple(dict.fromkeys(devices)))


def _rows(text: str, kind: str) -> Optional[list[dict[str, str]]]:
    try:
        document: Any = json.loads(text)
    except ValueError:
        return None
    return [row for report in document.get("report", ()) for row in report.get(kind, ())]
