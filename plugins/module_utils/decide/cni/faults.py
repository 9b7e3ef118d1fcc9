# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a list on this node: its plugins, its addresses, its bridge, its size of packets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

from ...model.cni.conflist import Conflist, Fault, spelling_faults, truth
from ...model.cni.network import Around
from ...model.cni.node import CniNode, Program
from ...model.cni.plugins import capability_faults
from ...model.cni.ranges import Network, masquerades, prefix_faults, range_faults, ranges_of
from ...model.network.interface import KernelRoute

#: Interface plugins, whose MTU is that of the pod, and those that take it from an interface of the node.
_BY_MASTER = ("ipvlan", "macvlan", "vlan")
_UNSAID_MTU = 1500


def spoken(conflist: Conflist, around: Around) -> Iterator[Fault]:
    """What can be told without a node."""
    yield from spelling_faults(conflist)
    yield from capability_faults(conflist)
    yield from range_faults(conflist)
    yield from prefix_faults(conflist, around.pod_prefixes, around.service_prefixes)
    yield from masquerades(conflist, around.pod_prefixes)


def on_node(conflist: Conflist, node: CniNode, around: Around) -> Iterator[Fault]:
    for kind in conflist.types:
        yield from program_faults(conflist, kind, node.programs.get(kind))
    yield from _routes(conflist, node)
    yield from _bridges(conflist, node)
    yield from _sizes(conflist, node, around)


def program_faults(conflist: Conflist, kind: str, program: Optional[Program]) -> Iterator[Fault]:
    if program is None:
        yield Fault("plugin_missing", f"the program of the plugin {kind} is in none of the directories")
    elif conflist.version not in program.versions:
        known = ", ".join(program.versions) or "none that it tells"
        yield Fault(
            "version_unknown_to_plugin",
            f"{kind} does not know cniVersion {conflist.version or 'none'} (it knows {known}), so that nothing could be"
            " added or deleted",
        )


def _own_bridges(conflist: Conflist) -> dict[str, bool]:
    """Bridge → whether it gets the address of the gateway."""
    found = {}
    for plugin in conflist.plugins:
        if plugin.type == "bridge":
            gateway = any(truth(plugin.config.get(key, False)) for key in ("isGateway", "isDefaultGateway"))
            found[str(plugin.config.get("bridge", "cni0"))] = gateway
    return found


def _routes(conflist: Conflist, node: CniNode) -> Iterator[Fault]:
    """Pods would hide what the node reaches there. Routes by the list's bridge and to single pods are its own."""
    masters = (str(plugin.config.get("master", "")) for plugin in conflist.plugins)
    own = {*_own_bridges(conflist), *masters, *(name for name, link in node.links.items() if link.kind == "veth")}
    for one in ranges_of(conflist):
        for route in node.routes:
            same = route.to.version == one.subnet.version and not route.is_default
            if same and route.interface not in own and _hides(one.subnet, route):
                yield Fault("overlaps", f"its range {one.subnet} overlaps the route to {route.to} by {route.interface}")


def _hides(subnet: Network, route: KernelRoute) -> bool:
    """A network that the node is in itself, or one that is not larger."""
    return route.to.overlaps(subnet) and (route.via is None or route.to.prefixlen >= subnet.prefixlen)


def bridge_fault(conflist: Conflist, bridge: str, node: CniNode) -> Optional[Fault]:
    """A bridge of a former cluster, whose address keeps the plugin from giving it the right one."""
    link = node.links.get(bridge)
    wants = [f"{one.gateway}/{one.subnet.prefixlen}" for one in ranges_of(conflist) if one.subnet.version == 4]
    has = [str(address) for address in link.addresses if address.version == 4] if link is not None else []
    if not wants or not has or set(has) & set(wants):
        return None
    ports = sorted(name for name, other in node.links.items() if other.master == bridge)
    remedy = (
        f"{', '.join(ports)} of it are in use: end what uses them first."
        if ports
        else f"Nothing is attached to it: remove it with bridges_removed: [{bridge}], or ip link delete {bridge}."
    )
    return Fault(
        "bridge_has_other_address",
        f"the bridge {bridge} has {' and '.join(has)}, and the list wants {' and '.join(wants)}",
        f"{remedy} Never set forceAddress, which takes the gateway away from what runs.",
    )


def _bridges(conflist: Conflist, node: CniNode) -> Iterator[Fault]:
    for bridge, gateway in _own_bridges(conflist).items():
        fault = bridge_fault(conflist, bridge, node) if gateway else None
        if fault is not None:
            yield fault


def _sizes(conflist: Conflist, node: CniNode, around: Around) -> Iterator[Fault]:
    """Packets that the network below does not carry whole."""
    room = (around.mtu or node.mtu) - around.overhead
    for plugin in conflist.plugins:
        master = node.links.get(str(plugin.config.get("master", "")))
        if plugin.config.get("master") and master is None:
            yield Fault("bridge_missing", f"the node has no interface {plugin.config['master']}, which is its master")
        if plugin.type not in ("bridge", "ptp", *_BY_MASTER):
            continue
        below = min(master.mtu, room) if master is not None and room > 0 else room
        mtu = int(plugin.config.get("mtu") or (below if plugin.type in _BY_MASTER else _UNSAID_MTU))
        if 0 < below < mtu:
            said = "" if plugin.config.get("mtu") else ", as it says none"
            yield Fault(
                "mtu_too_large",
                f"{plugin.type} gives pods an MTU of {mtu}{said}, and the network below carries {below}",
                f'Set "mtu": {below}.',
                told=not plugin.config.get("mtu"),
            )


def sentences(faults: Sequence[Fault], where: str) -> list[str]:
    return [f"{where}: {fault.text}.{' ' + fault.hint if fault.hint else ''}" for fault in faults]


def lists_meet(lists: Mapping[str, Conflist]) -> Iterator[tuple[str, str, Fault]]:
    """Two files, and what both of them claim of which one owner only can be: a name, or addresses."""
    listed = sorted(lists.items())
    for place, (name, conflist) in enumerate(listed):
        for other_name, other in listed[:place]:
            if other.name == conflist.name:
                yield name, other_name, Fault("name_taken", f"the network {conflist.name} is also that of {other_name}")
                continue
            for one in ranges_of(conflist):
                for theirs in ranges_of(other):
                    if one.overlaps(theirs):
                        text = f"its range {one.subnet} overlaps {theirs.subnet} of {other_name}"
                        yield name, other_name, Fault("overlaps", text)
