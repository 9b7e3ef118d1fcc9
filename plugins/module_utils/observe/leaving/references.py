# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the cluster's files say of one node: files of /etc/pve only, the same on every member."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...engine.reader import Reader
from ...model.leaving.membership import References
from ...model.storage.cfg import PATH as STORAGES
from ...model.storage.cfg import parse_sections
from ..guest import ha, mapping, replication
from ..guest.guests import Place
from ..storage.storage import parse_storages

JOBS = "/etc/pve/jobs.cfg"
SDN = "/etc/pve/sdn"


def observe(reader: Reader, node: str, guests: Mapping[int, Place]) -> References:
    """``guests``: where each of them is."""
    jobs = parse_sections(reader.read(JOBS) or "")
    return References(
        replication=replication.observe(reader, guests),
        storages=parse_storages(reader.read(STORAGES) or ""),
        backup_jobs=tuple(sorted(name for name, job in jobs.items() if job.get("node") == node)),
        mappings=mapping.observe(reader),
        sdn=tuple(_sdn(reader, node)),
        ha=ha.observe(reader),
    )


def _sdn(reader: Reader, node: str) -> Iterator[str]:
    word = re.compile(rf"(?<![\w.-]){re.escape(node)}(?![\w.-])")
    for name in reader.names(SDN):
        if name.endswith(".cfg") and word.search(reader.read(f"{SDN}/{name}") or ""):
            yield f"{SDN}/{name}"
