"""The text of docs/ceph_health.md: what Ceph's health checks mean, from the table that the code itself uses."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.health_codes import HEALTH_CODES, Situation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ceph_health.md"
_HEAD = """\
# Ceph's health checks

What each check means, and when OSDs or a node may be taken away although it is raised. It is written by `make pages`
from `plugins/module_utils/model/ceph/health_codes.py`; a test keeps the two equal.

A check that is not tolerated in any situation at hand refuses the move, unless `tolerated_health` names it; so does one
that is not listed here. A mute in Ceph changes nothing about that. **Loud** checks are about copies of the data, or
about who counts them: `ceph_health_info` does not pass over them either when they are muted. What **lasts** is not
waited for, as no time ends it.

| situation | what is the case |
|---|---|
"""
_SITUATIONS: dict[Situation, str] = {
    "always": "whatever goes on",
    "begun": "an OSD that leaves is out or down already, or its node is off",
    "moving": "everything that is not in its place can be read and is on its way",
    "settling": "what cannot be read finds its OSDs within seconds",
    "standstill": "a dead node keeps data from being used, and every placement group has a copy",
    "marked": "an OSD that leaves carries noout",
    "osd": "OSDs are replaced or removed, and their node stays",
    "release": "daemons are restarted one after the other, in a newer version",
}


def page() -> str:
    assert set(_SITUATIONS) == set(get_args(Situation))
    lines = [f"| {name} | {what} |\n" for name, what in _SITUATIONS.items()]
    lines.append("\n| check | meaning | loud | lasts | tolerated when |\n|---|---|---|---|---|\n")
    for code, row in HEALTH_CODES.items():
        why = "<br>".join(f"*{situation}*: {reason}" for situation, reason in row.tolerated.items())
        loud, lasts = ("yes" if flag else "" for flag in (row.loud, row.lasting))
        lines.append(f"| `{code}` | {row.meaning} | {loud} | {lasts} | {why or 'by name only'} |\n")
    return _HEAD + "".join(lines)
