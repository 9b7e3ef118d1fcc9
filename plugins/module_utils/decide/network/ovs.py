# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused of Open vSwitch. It is used where it is installed."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.network.interface import OVS_SYSTEM
from ...model.network.network import ObservedNetwork
from .target import Target


def refuse_ovs(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    made = [one.name for name in target.changed for one in [target.after.get(name)] if one and one.ovs]
    if made and not observed.ovs:
        names = ", ".join(made)
        yield Refusal(f"Open vSwitch is not installed, and is to have {names}.", "Install openvswitch-switch.")
    yield from _refuse_ends(target)
    yield from _refuse_ports_of_ovs(observed, target)


def _refuse_ends(target: Target) -> Iterator[Refusal]:
    """What a bridge and its ports tell of each other has to agree."""
    for name in target.changed:
        one = target.after.get(name)
        bridge = target.after.get(one.ovs.bridge) if one and one.ovs and one.ovs.bridge else None
        if one and one.ovs and one.ovs.bridge and not (bridge and bridge.ovs and name in bridge.ovs.ports):
            yield Refusal(
                f"{name} says that it is a port of {one.ovs.bridge}, which does not name it.",
                f"Declare {one.ovs.bridge} with all its ports.",
            )
        for port in one.ovs.ports if one and one.ovs else ():
            found = target.after.get(port)
            if found is None or found.ovs is None or found.ovs.bridge != name:
                yield Refusal(f"{name} names the port {port}, which does not say so.", f"Declare {name}, too.")
    for one in target.after.values():
        above = target.after.get(one.ovs.bridge) if one.ovs and one.ovs.type == "OVSPort" else None
        if above and above.name in target.changed and above.ovs and one.name not in above.ovs.ports:
            yield Refusal(f"{one.name} would still say that it is in {above.name}.", f"Declare {one.name} as physical.")


def _refuse_ports_of_ovs(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """As it is written, and as the kernel has it: of the members of a bond of Open vSwitch nothing is written."""
    for name in target.changed:
        one = target.after.get(name)
        for lower in one.lower if one and one.kind in ("bridge", "bond") else ():
            written, link = target.after.get(lower), observed.kernel.named(lower)
            if (written and written.kind.startswith("ovs_")) or (link and link.master == OVS_SYSTEM):
                yield Refusal(f"{lower} belongs to Open vSwitch, and would be in {name} as well.", "Take another port.")
