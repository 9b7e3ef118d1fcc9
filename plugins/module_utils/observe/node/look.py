# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read all of a node that a report shows. Each part for itself: what one cannot tell keeps no other from telling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from ...engine.errors import CollectionError, Unreadable
from ...engine.reader import Reader
from ...model.ceph.state import CLIENT_PACKAGE
from ...model.cluster.cluster import LOCAL
from ...model.node.look import CephLook, NodeLook, Unknown
from ..ceph import losses, osd, state
from ..ceph.outlook import parse_outlook
from ..ceph.safety import parse_data
from ..cluster import cluster, running
from ..debian import upgrade
from ..debian.packages import installed_packages
from ..guest import overview as guests
from ..guest import running as processes
from ..network import surroundings
from ..storage import images
from ..storage import overview as storages
from . import certificates, disk_load, host, proxmox_ve, services

_MEMORY = re.compile(r"^MemTotal: +(\d+) kB$", re.MULTILINE)
#: What an observer may stumble over when half of an answer is missing.
STUMBLES = (ValueError, LookupError, TypeError, AttributeError)


def observe_ceph(reader: Reader) -> Optional[CephLook]:
    """Of its data, one of the nodes with a monitor tells; it is the manager's work, and not to be asked everywhere."""
    node = state.observe_node(reader)
    if not node.expects_monitors or CLIENT_PACKAGE not in installed_packages(reader):
        return None
    if not node.ids("mon"):
        return None
    found, silence = state.ask(reader, lambda answers: CephLook(parse_data(answers), parse_outlook(answers)), "data")
    if found is None:
        raise Unreadable(f"{silence[:1].upper()}{silence[1:]}.")
    if found.data.groups is None:
        return found  # what lies nowhere that is known is not counted
    return replace(found, placed=losses.observe(reader, found.data.cluster.osds))


def observe_memory(reader: Reader) -> int:
    found = _MEMORY.search(reader.read("/proc/meminfo") or "")
    if found is None:
        raise Unreadable("/proc/meminfo does not tell how much memory there is.")
    return int(found[1]) * 1024


def observe_pmxcfs(reader: Reader) -> bool:
    """Whether /etc/pve is mounted; a frozen pmxcfs does not say."""
    return reader.entry(LOCAL) is not None


PARTS: Mapping[str, Callable[[Reader], Any]] = {
    "host": host.observe,
    "pmxcfs": observe_pmxcfs,
    "cluster": cluster.observe,
    "config": running.observe_config,
    "running": running.observe,
    "services": services.observe,
    "proxmox": proxmox_ve.observe,
    "osds": osd.observe,
    "ceph": observe_ceph,
    "storages": storages.observe,
    "guests": guests.observe,
    "processes": processes.observe,
    "updates": upgrade.observe,
    "certificates": certificates.observe,
    "options": running.observe_options,
    "loads": disk_load.observe,
    "images": images.observe,
    "memory": observe_memory,
    "surroundings": surroundings.observe,
}


def observe(reader: Reader) -> NodeLook:
    return NodeLook(**{name: _part(observer, reader) for name, observer in PARTS.items()})


def _part(observer: Callable[[Reader], Any], reader: Reader) -> Any:
    try:
        return observer(reader)
    except CollectionError as error:
        return Unknown(error.message)
    except STUMBLES as error:
        return Unknown(f"The answer has an unknown form ({type(error).__name__}: {error}).")
