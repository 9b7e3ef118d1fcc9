# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read from a guest's configuration what it keeps its data on: qm.conf(5), pct.conf(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...model.guest.volumes import Volume, storage_of
from ...model.storage.entry import StorageEntry
from ...model.storage.formats import as_boolean
from .text import parse_guest, sections

#: VMs have drives, containers mount points; of a snapshot also the memory may have been kept.
_VOLUME = re.compile(r"(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|rootfs|mp)\d*|vmstate")
_PENDING = "PENDING"


def volumes(text: str, storages: Mapping[str, StorageEntry]) -> Iterator[Volume]:
    """Of the guest as it is, of pending changes, and of snapshots; each as often as something refers to it."""
    for name, body in sections(text):
        if not name.startswith("special:"):
            yield from _volumes_of(parse_guest(body), "" if name == _PENDING else name, storages)


def _volumes_of(config: Mapping[str, str], snapshot: str, storages: Mapping[str, StorageEntry]) -> Iterator[Volume]:
    for key, value in sorted(config.items()):
        first, *options = value.split(",")
        identity = re.sub(r"^(?:file|volume)=", "", first)
        if _VOLUME.fullmatch(key) and identity != "none":
            given = dict(option.partition("=")[::2] for option in options)
            entry = storages.get(storage_of(identity))
            shared = entry.shared if entry is not None else _said_to_be_shared(identity, given)
            yield Volume(key, identity, snapshot, given.get("media") == "cdrom", shared)


def _said_to_be_shared(identity: str, given: Mapping[str, str]) -> bool:
    """Of a path or a device of the node, by whoever put it there."""
    return not storage_of(identity) and as_boolean(given.get("shared", "0")) is True
