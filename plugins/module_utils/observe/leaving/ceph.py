# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what of Ceph is on another node, from the monitors: that node itself need not answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from ...engine.reader import Reader
from ...model.ceph.safety import OsdSafety
from ...model.ceph.state import CONF
from ...model.leaving.ceph import ObservedCephOfNode
from ..ceph.safety import observe_placed, parse_data
from ..ceph.state import ask, observe_node

#: What Ceph's library says when neither the configuration nor DNS names a monitor.
_NO_MONITORS = "object not found"


def observe(reader: Reader, node: str) -> Optional[ObservedCephOfNode]:
    """None when Proxmox VE has not set up Ceph in this cluster."""
    found = observe_data(reader, node)
    numbers = () if found is None else tuple(osd.id for osd in found.here)
    if found is None or not numbers:
        return found
    return replace(found, osds=OsdSafety(numbers, placed=observe_placed(reader, numbers)))


def observe_data(reader: Reader, node: str) -> Optional[ObservedCephOfNode]:
    """Without where the node's data would go. Ceph's library finds its monitors in the configuration, or in DNS."""
    if reader.read(CONF) is None:
        return None
    here = observe_node(reader)
    if here.conf is None:
        return None
    data, silence = ask(reader, parse_data, "data")
    if not here.expects_monitors and _NO_MONITORS in silence:
        return ObservedCephOfNode(node, here.conf)
    return ObservedCephOfNode(node, here.conf, data, silence=silence or None)
