# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of the quorum device in this run, and when.

No node joins while the configuration names it: it goes out of the configuration, the nodes join, and it comes back with
the votes for their new number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Optional

from ...model.cluster.node_info import NodeInfo
from .wish import DesiredDevice


@dataclass(frozen=True)
class DeviceCourse:
    """aside: it has to go out while nodes join.  pauses: so it has to, or for good.
    set_up: this run may set it up, as the lead takes part.  comes: it does so in any case.
    returns: the number of nodes allows it (after one was deleted).
    """

    aside: bool
    pauses: bool
    set_up: bool
    comes: bool
    returns: bool


def device_course(
    wanted: DesiredDevice, lead: NodeInfo, leads_play: bool, playing: Mapping[str, NodeInfo]
) -> DeviceCourse:
    """``playing``: the hosts of the play, and ``leads_play`` whether the lead is one of them."""
    joining = not all(info.member for info in playing.values())
    aside, set_up = wanted.managed and joining, wanted.managed and leads_play
    return DeviceCourse(
        aside=aside,
        pauses=wanted.dropped or aside,
        set_up=set_up,
        comes=set_up and (joining or lead.qdevice != wanted.address),
        returns=wanted.managed and (wanted.allow_odd or len(lead.nodes) % 2 == 0),
    )


def device_state(wanted: DesiredDevice, info: NodeInfo) -> Optional[Literal["voting", "absent"]]:
    """How far the device is to be on this node already, as the configuration says what is wanted; else None."""
    if info.member and wanted.managed and info.qdevice == wanted.address:
        return "voting"
    return "absent" if info.member and wanted.dropped and info.qdevice is None else None
