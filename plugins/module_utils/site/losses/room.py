# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether guests that start elsewhere have room there: assigned memory against that of the node.

The HA manager does not look at it; a guest that does not fit is started all the same, and something has to give way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Optional

from .reading import Reading
from .recovery import Fate
from .resets import Aftermath


def free_memory(node: str, reading: Reading) -> Optional[int]:
    """What the guests that run there have not been assigned; None when nobody says how much there is."""
    found = reading.node(node)
    if found is None or found.memory.value is None or reading.guests.value is None:
        return None
    used = sum(one.guest.memory for one in reading.guests.value if one.node == node and one.guest.running)
    return found.memory.value - used


def without_room(found: Collection[Fate], after: Aftermath, reading: Reading) -> Iterator[tuple[int, Optional[bool]]]:
    """(number of a guest, whether it fits), for those that do not, or of which that is not known.

    The largest first, each on the node with most room of those that it may be started on.
    """
    room = {name: free_memory(name, reading) for name in after.start or ()}
    starting = [fate for fate in found if fate.course in ("starts", "old data", "unknown") and fate.nodes]
    for fate in sorted(starting, key=lambda one: (-one.placed.guest.memory, one.vmid)):
        known = {name: free for name in fate.nodes for free in [room.get(name)] if free is not None}
        need = fate.placed.guest.memory
        if len(known) < len(fate.nodes) or not need:
            yield fate.vmid, None
            continue
        target = max(sorted(known), key=lambda name: known[name])
        if known[target] < need:
            yield fate.vmid, False
        room[target] = known[target] - need
