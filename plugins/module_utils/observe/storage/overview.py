# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which storages there are, which are active on this node, and how full they are."""

from __future__ import annotations

import re

from ...engine.reader import Reader
from ...model.storage.overview import Fill, StorageOverview
from . import access

#: node, storage, time, total, used.
_FIGURES = re.compile(r"^(?:pve-storage-[\d.]+|pve2-storage)/([^/]+)/([^/:]+):\d+:(\d+):(\d+)$", re.MULTILINE)


def observe(reader: Reader) -> StorageOverview:
    found = access.observe(reader)
    fill = parse_fill(reader.read(access.FIGURES) or "", found.node)
    return StorageOverview(found.node, found.entries, found.active, fill)


def parse_fill(text: str, node: str) -> dict[str, Fill]:
    return {
        storage: Fill(int(total), int(used)) for host, storage, total, used in _FIGURES.findall(text) if host == node
    }
