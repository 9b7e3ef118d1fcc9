# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who would lose what by a change: disks, links of the cluster, Ceph, guests, and the node that watches itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.network.interface import Interface
from ...model.network.network import ObservedNetwork
from ...model.network.values import LONGEST_NAME
from .target import Target

#: How Proxmox VE calls the ports of a guest that runs.
_PORT = re.compile(r"(?P<kind>tap|veth|fwpr)(?P<guest>\d+)[ip]\d+")


def refuse_users(observed: ObservedNetwork, target: Target) -> tuple[Refusal, ...]:
    return (
        *_refuse_used(observed, target),
        *_refuse_long_names(observed, target),
        *_refuse_cut_off_guests(observed, target),
        *_refuse_ports_of_running_guests(observed, target),
        *_refuse_watchdog(observed, target),
    )


def _refuse_used(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """A root disk cannot wait, and a rollback would lie on it; others must not lose what they stand on."""
    above = {lower: one.name for one in target.after.values() for lower in one.lower}
    addresses = {str(address.ip) for one in target.after.values() for address in one.addresses}
    for name in target.changed:
        for use in observed.users_of(name):
            if use.kind == "root":
                over = f" {above[name]} cannot take it." if name in above else ""
                yield Refusal(
                    f"{name} carries {use.what}: a change can stop the machine, and nothing could bring it back.{over}",
                    "Leave this interface as it is.",
                )
            elif name not in target.after and name in target.before:
                yield Refusal(f"{name} would go, and {use.what} uses it.", "Move it to another interface first.")
            elif use.address and use.address not in addresses:
                yield Refusal(f"No interface would have {use.address} any more, and {use.what} needs it.", "Keep it.")


def _refuse_long_names(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """On a bridge that knows of no VLANs, a guest's tag makes an interface on each port, and another bridge."""
    for use in observed.uses:
        found = target.after.get(use.interface)
        if use.tag is None or found is None or found.bridge is None or found.bridge.vlan_aware:
            continue
        for name in (*(f"{port}.{use.tag}" for port in found.bridge.ports), f"{use.interface}v{use.tag}"):
            if len(name) > LONGEST_NAME and use.interface in target.changed:
                yield Refusal(
                    f"{use.what} has tag {use.tag} on {use.interface}: that makes {name}, of {len(name)} characters,"
                    f" and the kernel takes {LONGEST_NAME}.",
                    f"Make {use.interface} VLAN-aware, or give its port a shorter name.",
                )


def _refuse_cut_off_guests(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    for name in target.changed:
        guests = [use.what for use in observed.users_of(name) if use.kind == "guest"]
        if guests and _ports(name, target.before) and name in target.after and not _ports(name, target.after):
            yield Refusal(
                f"{name} would have no port any more, and {', '.join(dict.fromkeys(guests))} would reach nobody by it.",
                "Give it a port, or move them to another bridge first.",
            )


def _ports(name: str, interfaces: dict[str, Interface]) -> tuple[str, ...]:
    """By which a bridge gets out; an internal port of Open vSwitch ends in the node."""
    one = interfaces.get(name)
    if one is None or one.ovs is None:
        return one.bridge.ports if one and one.bridge else ()
    inside = {port for port, found in interfaces.items() if found.ovs and found.ovs.type == "OVSIntPort"}
    return tuple(port for port in one.ovs.ports if port not in inside)


def _refuse_ports_of_running_guests(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """The VLANs of a guest's port are set when it is plugged in, and not again when its bridge becomes another."""
    for name in target.changed:
        before, after = target.before.get(name), target.after.get(name)
        if not (before and before.bridge and after and after.bridge):
            continue
        ports = [_PORT.fullmatch(link.name) for link in observed.kernel.links.values() if link.master == name]
        guests = sorted({int(found["guest"]) for found in ports if found})
        if guests and before.bridge.vlan_aware != after.bridge.vlan_aware:
            yield Refusal(
                f"{name} would {'become' if after.bridge.vlan_aware else 'no longer be'} VLAN-aware while the guests"
                f" {', '.join(map(str, guests))} run on it, whose ports are set up only when they are plugged in.",
                "Shut them down first, or move them to another node.",
            )


def _refuse_watchdog(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """A node with HA services resets itself after a minute without the cluster; a change is taken back later."""
    links = {use.what for use in observed.uses if use.kind == "corosync"}
    touched = {use.what for name in target.changed for use in observed.users_of(name) if use.kind == "corosync"}
    if observed.watched and links and links == touched:
        yield Refusal(
            f"The change interrupts {', '.join(sorted(links))}, and this node has no other; as HA services run on it,"
            " it would reset itself after a minute without the cluster.",
            "Put it into maintenance first (ha-manager crm-command node-maintenance enable NODE).",
        )
