# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which images a node has checked, and whether the files are still as they were then: one process for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.storage.cfg import PATH
from ...model.storage.entry import parse_storages
from ...model.storage.image import (
    OLD_RECORDS,
    RECORDS,
    STAT,
    DesiredImages,
    ObservedImages,
    Stat,
    image_path,
    recorded_path,
)


@recorded
def observe(reader: Reader, desired: Optional[DesiredImages] = None) -> ObservedImages:
    """Without ``desired``, only the images are looked at that this node has checked before."""
    node = (reader.read("/proc/sys/kernel/hostname") or "").strip().partition(".")[0]
    entries = parse_storages(reader.read(PATH) or "").entries
    old = _records(reader, OLD_RECORDS)
    records = {**old, **_records(reader, RECORDS)}
    known = {path for path in map(recorded_path, records.values()) if path is not None}
    found = _stat(reader, known)
    if desired is not None:
        places = (image_path(image, entries[image.storage]) for image in desired.images if image.storage in entries)
        found.update(_stat(reader, {path for path in places if path is not None} - known))
    return ObservedImages(node, entries, found, records, misplaced=bool(old))


def _records(reader: Reader, folder: str) -> dict[str, str]:
    return {f"{RECORDS}/{name}": reader.read(f"{folder}/{name}") or "" for name in reader.names(folder)}


def _stat(reader: Reader, paths: Iterable[str]) -> dict[str, Stat]:
    wanted = sorted(paths)
    return parse_stat(reader.run(*STAT, *wanted).stdout) if wanted else {}


def parse_stat(text: str) -> dict[str, Stat]:
    rows = (line.split(" ", 2) for line in text.splitlines())
    return {path: Stat(int(size), int(changed)) for size, changed, path in rows}
