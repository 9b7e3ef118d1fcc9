# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""jobs.cfg: the backups that are made at intervals. Upstream: PVE::Job::Registry, and PVE::VZDump::JobBase."""

from __future__ import annotations

from ..cluster.section_config import first_values, read_sections
from ..node.proxmox_ve import NODE_NAME

FILE = "/etc/pve/jobs.cfg"
_TYPE = "vzdump"


def nodes_of_jobs(text: str) -> dict[str, str]:
    """Backup job → the one node that it is for, of those that are for one.

    A section without a schedule is no job, though it hides an earlier one of its name.
    """
    jobs = {}
    for section in read_sections(text):
        if section.type == _TYPE:
            job = first_values(section, _is_right)
            jobs[section.name] = job if "schedule" in job else {}
    return {name: job["node"] for name, job in jobs.items() if "node" in job}


def _is_right(key: str, value: str) -> bool:
    return NODE_NAME.fullmatch(value) is not None if key == "node" else bool(value)
