"""The cluster wide flags that pause recovery, scrubbing or membership changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pve_standin.ceph import rados

DESCRIPTIONS = {
    "nobackfill": "Backfilling of PGs is suspended.",
    "nodeep-scrub": "Deep Scrubbing is disabled.",
    "nodown": "OSD failure reports are being ignored, such that the monitors will not mark OSDs down.",
    "noin": "OSDs that were previously marked out will not be marked back in when they start.",
    "noout": "OSDs will not automatically be marked out after the configured interval.",
    "norebalance": "Rebalancing of PGs is suspended.",
    "norecover": "Recovery of PGs is suspended.",
    "noscrub": "Scrubbing is disabled.",
    "notieragent": "Cache tiering activity is suspended.",
    "noup": "OSDs are not allowed to start.",
    "pause": "Pauses read and writes.",
}


def active() -> set[str]:
    """The flags that are set; `pause` is shown by the monitors as its two halves."""
    found = set(rados.mon("osd dump")["flags_set"])
    if {"pauserd", "pausewr"} <= found:
        found.add("pause")
    return found


def listing() -> list[dict[str, Any]]:
    now = active()
    return [
        {"name": name, "value": 1 if name in now else 0, "description": text}
        for name, text in sorted(DESCRIPTIONS.items())
    ]


def change(wanted: Mapping[str, Any]) -> None:
    """Set and unset what differs."""
    now = active()
    for name in sorted(set(wanted) & set(DESCRIPTIONS)):
        if bool(wanted[name]) != (name in now):
            rados.mon("osd set" if wanted[name] else "osd unset", key=name)
