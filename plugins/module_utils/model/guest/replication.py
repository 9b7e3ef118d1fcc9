# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies of guests' volumes that are made on other nodes at intervals. Upstream: pvesr(1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...engine.errors import Unreadable
from ..cluster.section_config import first_values, read_sections
from ..node.proxmox_ve import NODE_NAME

FILE = "/etc/pve/replication.cfg"
#: The guest and a number.
_HEADER = re.compile(r"(\S+):\s*([0-9]+-[0-9]+)\s*", re.ASCII)
_TYPE = "local"
_LOWEST = 100


@dataclass(frozen=True)
class ReplicationJob:
    """``removing``: it is marked to be removed, which upstream's scheduler then does."""

    id: str
    guest: int
    target: str
    source: str = ""
    removing: bool = False


def parse_jobs(text: str) -> tuple[ReplicationJob, ...]:
    """replication.cfg, as PVE::ReplicationConfig reads it. Raises Unreadable where that reads nothing at all.

    Of two jobs of one guest with one target the first counts, in the order of their names.
    """
    jobs: dict[tuple[int, str], ReplicationJob] = {}
    for job in sorted(_jobs(text), key=lambda job: job.id):
        jobs.setdefault((job.guest, job.target), job)
    return tuple(jobs.values())


def _jobs(text: str) -> Iterator[ReplicationJob]:
    sections = {}
    for section in read_sections(text, _HEADER):
        guest, number = map(int, section.name.split("-"))
        if section.type.lower() == _TYPE and guest >= _LOWEST:
            sections[guest, number] = first_values(section, _is_right)
    for (guest, number), job in sections.items():
        name = f"{guest}-{number}"
        if "target" not in job:
            reason = f"Proxmox VE reads no job of {FILE} at all, as {name} there has no target."
            raise Unreadable(reason, "Remove that section, or give it a target, and run this again.")
        yield ReplicationJob(name, guest, job["target"], job.get("source", ""), "remove_job" in job)


def _is_right(key: str, value: str) -> bool:
    if key in ("target", "source"):
        return NODE_NAME.fullmatch(value) is not None
    return value in ("local", "full") if key == "remove_job" else True
