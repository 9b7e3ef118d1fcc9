# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which guests are copied to which nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...engine.reader import CLUSTER, Reader
from ...model.cluster.section_config import parse_sections
from ...model.guest.replication import FILE, ReplicationJob
from .guests import Place

#: The guest and a number.
_ID = re.compile(r"[1-9][0-9]{2,8}-[0-9]{1,9}")


def observe(reader: Reader, listed: Mapping[int, Place]) -> tuple[ReplicationJob, ...]:
    """``listed``: where the guests are, by which a job's source is known."""
    return tuple(_jobs(reader.read(FILE, scope=CLUSTER) or "", listed))


def _jobs(text: str, listed: Mapping[int, Place]) -> Iterator[ReplicationJob]:
    for name, job in parse_sections(text).items():
        if not _ID.fullmatch(name):
            continue  # Proxmox VE passes over it, too
        guest = int(name.partition("-")[0])
        source = listed[guest].node if guest in listed else job.get("source", "")
        yield ReplicationJob(name, guest, job.get("target", ""), source, "remove_job" in job)
