# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which node starts Ceph's daemons anew when: from what every node tells of them (``ceph_upgrade_info``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...model.upgrade.ceph_state import KINDS


def ceph_upgrade_order(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``stages``: stage and host of the inventory, one after the other. ``version``: that of all nodes, or "".

    ``in_the_way``: what refuses all of it, each once.
    """
    with_ceph = [one for one in told if one["installed"]]
    reasons = dict.fromkeys(reason for one in told for reason in one["in_the_way"])
    versions = {one["version"] for one in with_ceph}
    return {
        "version": versions.pop() if len(versions) == 1 else "",
        "stages": list(_stages(with_ceph)),
        "in_the_way": [*reasons, *_unasked(told)],
        "differ": [f"{one['node']}: {' and '.join(one['installed'])}" for one in with_ceph],
        "crashes": sorted({crash for one in told for crash in one["crashes"]}),
        "notes": list(dict.fromkeys(note for one in told for note in one["notes"])),
    }


def _stages(told: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Of managers and metadata servers those that are active come last: a standby that is new takes over."""
    for kind in KINDS:
        behind = {one["host"]: [daemon for daemon in one["behind"] if daemon["kind"] == kind] for one in told}
        waiting = kind in ("mgr", "mds")
        hosts = [host for host, daemons in behind.items() if daemons]
        if kind == "mds" and hosts:
            yield {"stage": "fs", "host": min(hosts)}
        for host in sorted(hosts, key=lambda name: (waiting and any(one["active"] for one in behind[name]), name)):
            yield {"stage": kind, "host": host}
    if told:
        yield {"stage": "finish", "host": min(one["host"] for one in told)}


def _unasked(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """Nodes that run daemons and were not asked would stay behind, and what they run could not start again."""
    asked = {one["node"] for one in told}
    others = sorted({daemon["host"] for one in told for daemon in one["daemons"]} - asked - {""})
    return [f"{name} runs daemons of Ceph and was not asked: all nodes are upgraded together." for name in others]
