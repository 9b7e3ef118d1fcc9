# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which guests of a node use PCI devices, in every spelling: their configurations as they are now.

What stands in a snapshot or waits for a start uses nothing now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader
from ...model.gpu.pci import full_address
from ...model.gpu.use import MappedDevice, Use, Way
from ...model.guest.guest import VMLIST, Guest
from ...model.guest.mapping import ResourceMapping
from ...model.guest.properties import truth
from ..guest import running as processes
from ..guest.guests import Place, places
from ..guest.mapping import observe as observe_mappings
from ..guest.text import parse_guest, sections

_ARGUMENT = re.compile(r"vfio-pci[^ ]*?,(?:host=([0-9a-fA-F:.]+)|sysfsdev=\S*/([0-9a-fA-F:.]+))")
#: Files that any card of a kind is reached through.
_ANY = re.compile(r"/dev/(nvidiactl|nvidia-uvm(-tools)?|nvidia-modeset|nvidia-caps|kfd)(/.*)?")
_PVECM = "/usr/bin/pvecm"
_OF_A_CARD = re.compile(r"/dev(/dri(/.*)?|/nvidia\d+)?")


def observe(reader: Reader, node: str) -> tuple[Use, ...]:
    """Of all guests whose configuration the node has. Without the cluster file system nobody knows of any."""
    if reader.entry(_PVECM) is not None and reader.read(VMLIST, scope=CLUSTER) is None:
        raise Unreadable("/etc/pve is not mounted, so nobody knows which guests use cards.", "Start pve-cluster.")
    running = processes.observe(reader)
    found = [(vmid, place) for vmid, place in places(reader).items() if place.node == node]
    return tuple(use for vmid, place in found for use in _uses(reader, vmid, place, vmid in running))


def _uses(reader: Reader, vmid: int, place: Place, running: bool) -> Iterator[Use]:
    text = reader.read(Guest(place.kind, vmid).file(place.node), scope=CLUSTER) or ""
    config = parse_guest(text)
    name = config.get("name", config.get("hostname", ""))
    onboot = truth(config.get("onboot"))
    parse = machine_uses(config) if place.kind == "qemu" else container_uses(text)
    for key, way, written, mapping in parse:
        yield Use(place.kind, vmid, key, way, written, mapping, name, running, onboot)


Found = tuple[str, Way, tuple[str, ...], str]


def machine_uses(config: Mapping[str, str]) -> Iterator[Found]:
    for key, value in config.items():
        if re.fullmatch(r"hostpci\d+", key):
            options = dict(_pair(word, "host") for word in value.split(","))
            if "mapping" in options:
                yield key, "mapping", (), options["mapping"]
            else:
                yield key, "device", _addresses(options.get("host", "")), ""
        elif key == "args":
            written = [full_address(one or other) for one, other in _ARGUMENT.findall(value)]
            if any(written):
                yield key, "device", tuple(one for one in written if one), ""


def container_uses(text: str) -> Iterator[Found]:
    """Keys of LXC may stand several times."""
    for line in sections(text)[0][1].splitlines():
        key, dummy, value = (part.strip() for part in line.partition(":"))
        if line.startswith("#"):
            continue
        if re.fullmatch(r"lxc\.cgroup2?\.devices\.allow", key):
            if re.match(r"(a\b|c\s+(195|226|\*):)", value):
                yield key, "rights", (value,), ""
            continue
        path = _mounted(key, value)
        if path is not None and _ANY.fullmatch(path):
            yield key, "any", (path,), ""
        elif path is not None and _OF_A_CARD.fullmatch(path):
            yield key, "device", (path,), ""


def _mounted(key: str, value: str) -> Optional[str]:
    """What of the node the container gets to see."""
    if re.fullmatch(r"dev\d+", key):
        return dict(_pair(word, "path") for word in value.split(",")).get("path")
    if re.fullmatch(r"mp\d+", key):
        return dict(_pair(word, "volume") for word in value.split(",")).get("volume", "").rstrip("/")
    if key == "lxc.mount.entry" and value.split():
        return value.split()[0].rstrip("/")
    return None


def _pair(word: str, unnamed: str) -> tuple[str, str]:
    name, sign, value = word.strip().partition("=")
    return (name, value) if sign else (unnamed, name)


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(found for one in text.split(";") if (found := full_address(one)) is not None)


def mapped_devices(reader: Reader) -> tuple[MappedDevice, ...]:
    """Those of PCI mappings, of all nodes."""
    return tuple(device for one in observe_mappings(reader) if one.kind == "pci" for device in devices_of(one))


def devices_of(mapping: ResourceMapping) -> Iterator[MappedDevice]:
    for entry in mapping.entries:
        said = dict(_pair(word, "") for word in entry.split(","))
        yield MappedDevice(
            mapping.name,
            said.get("node", ""),
            _addresses(said.get("path", "")),
            said.get("id", ""),
            said.get("subsystem-id", ""),
            said.get("iommugroup", ""),
        )
