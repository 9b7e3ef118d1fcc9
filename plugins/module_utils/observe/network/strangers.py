# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask on the wire whether somebody has an address already that this node is to get: ARP and ND, from no address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.network.interface import DesiredInterface, Kernel
from ...model.network.network import DesiredNetwork, Stranger

Answers = tuple[tuple[Stranger, ...], tuple[str, ...]]


def observe(reader: Reader, kernel: Kernel, desired: Optional[DesiredNetwork]) -> Answers:
    """Who answers, and why somebody could not be asked.

    Nobody is asked about an address that this node has, nor where there is no interface yet to ask on.
    """
    if desired is None:
        return (), ()
    own = {address.ip for link in kernel.links.values() for address in link.addresses}
    asked = [
        f"{address.ip}@{wire}"
        for one in desired.interfaces
        for wire in [_wire(one, desired, kernel)]
        for address in one.addresses or ()
        if wire is not None and address.ip not in own
    ]
    if not asked:
        return (), ()
    done = reader.program("find_strangers", *asked)
    if done.rc != 0:
        raise Unreadable(f"Nobody could be asked for the new addresses: {done.stderr.strip()}.")
    told = json.loads(done.stdout)
    unasked = (f"{address} on {interface}: {why}" for address, interface, why in told["unknown"])
    return tuple(Stranger(*found) for found in told["strangers"]), tuple(unasked)


def _wire(one: DesiredInterface, desired: DesiredNetwork, kernel: Kernel) -> Optional[str]:
    """Where frames go out that have the same tags as those of the interface will have."""
    if kernel.named(one.name) is not None:
        return one.name
    if one.vlan is not None:
        return None
    return next((wire for lower in one.lower for wire in _below(lower, desired, kernel)), None)


def _below(name: str, desired: DesiredNetwork, kernel: Kernel) -> Iterator[str]:
    if kernel.named(name) is not None:
        yield name
        return
    declared = desired.named(name)
    wire = _wire(declared, desired, kernel) if declared is not None and name not in declared.lower else None
    yield from [wire] if wire else []
