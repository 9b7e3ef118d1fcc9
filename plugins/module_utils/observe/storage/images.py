# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which CD images a node has on storages that are its own."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.reader import Reader
from ...model.storage.cfg import PATH
from ...model.storage.entry import parse_storages
from ...model.storage.image import folder_in


def observe(reader: Reader) -> frozenset[str]:
    """Such as ``local:iso/debian.iso``."""
    return frozenset(_images(reader))


def _images(reader: Reader) -> Iterator[str]:
    for name, entry in parse_storages(reader.read(PATH) or "").entries.items():
        folder = folder_in(entry, "iso")
        if not entry.shared and not entry.disabled and folder is not None:
            yield from (f"{name}:iso/{image}" for image in reader.names(folder))
