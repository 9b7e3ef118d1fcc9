# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which guests there are, where, and how each is configured: files of pmxcfs, the same on every member."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ...engine.reader import CLUSTER, Reader
from ...model.guest.guest import VMLIST, Guest, GuestKind
from ...model.guest.mark import parse_mark
from ...model.guest.properties import tags as split_tags
from ...model.storage.entry import StorageEntry
from .text import parse_description, parse_guest
from .volumes import volumes

#: What pvestatd of all nodes last told of guests and storages.
RESOURCES = ("pvesh", "get", "/cluster/resources", "--output-format", "json")
_DEVICE = re.compile(r"(?:hostpci|usb|dev|parallel|serial)\d+|ivshmem")
#: While it runs, its memory cannot be sent to another node.
_SEALED = ("amd-sev", "intel-tdx")
#: Key of the configuration → kind of the mapping, and the option that names it.
_MAPPED = {"hostpci": ("pci", "mapping"), "usb": ("usb", "mapping"), "virtiofs": ("dir", "dirid")}
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """Which node has the configuration of a guest, running or not."""

    node: str
    kind: GuestKind


def places(reader: Reader) -> dict[int, Place]:
    """VMID → where it is, for all guests of the cluster."""
    ids = json.loads(reader.read(VMLIST, scope=CLUSTER) or "{}").get("ids", {})
    return {int(vmid): Place(found["node"], cast(GuestKind, found["type"])) for vmid, found in sorted(ids.items())}


def on(
    reader: Reader,
    node: str,
    listed: Mapping[int, Place],
    storages: Mapping[str, StorageEntry],
    resources: Rows,
) -> tuple[Guest, ...]:
    """The guests of one node by VMID. ``resources``: the rows of RESOURCES; what they do not tell counts as stopped."""
    told = {row.get("vmid"): row for row in resources}
    return tuple(
        _guest(reader, vmid, place, storages, told.get(vmid, {}))
        for vmid, place in sorted(listed.items())
        if place.node == node
    )


def _guest(
    reader: Reader, vmid: int, place: Place, storages: Mapping[str, StorageEntry], told: Mapping[str, Any]
) -> Guest:
    text = reader.read(Guest(place.kind, vmid).file(place.node), scope=CLUSTER) or ""
    config = parse_guest(text)
    running = told.get("status") == "running"
    return Guest(
        kind=place.kind,
        vmid=vmid,
        name=config.get("name", config.get("hostname", "")),
        running=running,
        memory=int(told.get("maxmem", 0)),
        lock=config.get("lock"),
        mark=parse_mark(parse_description(text)),
        tags=frozenset(split_tags(config.get("tags", ""))),
        volumes=tuple(volumes(text, storages)),
        devices=tuple(sorted(key for key, value in config.items() if _is_bound(key, value, running))),
        mapped=tuple(sorted(set(_mapped(config)))),
    )


def _is_bound(key: str, value: str, running: bool) -> bool:
    of_the_host = "mapping=" not in value and not value.startswith(("socket", "spice"))
    return bool(_DEVICE.fullmatch(key) and of_the_host) or (running and key in _SEALED)


def _mapped(config: Mapping[str, str]) -> Iterator[str]:
    for key, value in config.items():
        kind, option = _MAPPED.get(key.rstrip("0123456789"), ("", ""))
        names = re.findall(rf"(?:^|,){option}=([^,]+)", value) or ([value.partition(",")[0]] if kind == "dir" else [])
        yield from (f"{kind}/{name}" for name in names if kind)
