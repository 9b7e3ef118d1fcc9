# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which guests are copied to which nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...engine.reader import CLUSTER, Reader
from ...model.guest.replication import FILE, ReplicationJob, parse_jobs
from .guests import Place


def observe(reader: Reader, listed: Mapping[int, Place]) -> tuple[ReplicationJob, ...]:
    """``listed``: where the guests are, by which a job's source is known."""
    jobs = parse_jobs(reader.read(FILE, scope=CLUSTER) or "")
    return tuple(replace(job, source=listed[job.guest].node) if job.guest in listed else job for job in jobs)
