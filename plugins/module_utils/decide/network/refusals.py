# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What would leave the node, or somebody who needs it, without a network: refused before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.network.interface import DesiredInterface, Interface, IPAddress, Kernel
from ...model.network.network import DesiredNetwork, ObservedNetwork
from ...model.network.reading import read
from ...model.network.statements import MAIN, STAGED, Mapping, Source, Stray
from ...model.network.write import differs
from .names import refuse_pending_names, refuse_staged_names
from .ovs import refuse_ovs
from .target import Target
from .users import refuse_users

_CORE = "Somebody may be at work there: apply it or take it back (pvesh delete /nodes/NODE/network), then run again."

#: How the file is called, and what has to be in it.
_CLOUD_INIT = (
    "Let cloud-init leave the network alone first (cloud-init network config disabled): a file in"
    " /etc/cloud/cloud.cfg.d with 'network: {config: disabled}'."
)


def refuse_network(desired: DesiredNetwork, observed: ObservedNetwork, target: Target) -> tuple[Refusal, ...]:
    return (
        *_refuse_staged(observed),
        *_refuse_text(observed),
        *_refuse_lost(target),
        *_refuse_misread(target),
        *_refuse_hooks(target),
        *_refuse_unreadable(target),
        *_refuse_patterns(observed),
        *_refuse_sources(desired, observed),
        *refuse_stack(target.after, target.changed, observed.kernel),
        *_refuse_gone(target),
        *refuse_ovs(observed, target),
        *_refuse_hidden_tags(target),
        *_refuse_ports_with_address(observed, target),
        *_refuse_lost_addresses(desired, observed, target),
        *refuse_gateways(target.after, observed.kernel),
        *_refuse_dhcp(desired, observed, target),
        *_refuse_sizes(target, observed.kernel),
        *refuse_users(observed, target),
        *_refuse_network_manager(desired, observed),
        *_refuse_dead_links(observed, target),
        *refuse_pending_names(observed, target),
        *_refuse_asleep(observed, target),
        *_refuse_strangers(observed),
    )


def _refuse_staged(observed: ObservedNetwork) -> Iterator[Refusal]:
    named = tuple(refuse_staged_names(observed))
    yield from named
    if observed.staged is not None and not named:
        yield Refusal(f"{STAGED} holds a change of the web interface that nobody has applied.", _CORE)


def _refuse_text(observed: ObservedNetwork) -> Iterator[Refusal]:
    """What no grammar explains is not copied."""
    if observed.program is None:
        return
    reading = read(observed.files, observed.program)
    if reading.broken:
        path, problem = reading.problems[-1]
        where = f"{path}, line {problem.lines.first + 1}"
        yield Refusal(f"{observed.program} reads nothing, because of {where}: {problem.what}.", "Correct it.")
    for placed in reading.placed:
        statement = placed.statement
        if isinstance(statement, Mapping):
            yield Refusal(
                f"{placed.path} chooses interfaces by a script (mapping {' '.join(statement.patterns)}), and ifupdown2"
                " knows no scripts.",
                "Write the stanza itself.",
            )
        elif isinstance(statement, Stray):
            yield Refusal(f"{placed.path}: nobody can tell what '{statement.text}' leads to.", "Name the files.")
        elif isinstance(statement, Source) and set("*?[") & set(_folder(statement)):
            yield Refusal(
                f"{placed.path}: '{statement.pattern}' leads to files of several folders, which are not read here.",
                "Name the folders.",
            )
    for path, text in observed.files.items():
        if any(line.lstrip().startswith("%") or "${" in line for line in text.split("\n")) and path in reading.paths:
            yield Refusal(f"{path} is a template of Mako, of which nobody knows the lines.", "Write them out.")


def _folder(source: Source) -> str:
    return source.pattern if source.directory else source.pattern.rpartition("/")[0]


def _refuse_lost(target: Target) -> Iterator[Refusal]:
    for difference in target.lost:
        yield Refusal(
            f"ifupdown2 would read the files otherwise than ifupdown does: {difference}.",
            "The usual cause is a backslash in a command, or a method unknown to ifupdown2: write it otherwise.",
        )


def _refuse_misread(target: Target) -> Iterator[Refusal]:
    """Lines are written; what they mean where they stand, the whole text says."""
    for one in target.wanted:
        found = target.after.get(one.name)
        gone = found is None or not found.places
        if not gone if one.absent else found is None or _reads_otherwise(found, one):
            yield Refusal(
                f"{one.name} cannot be written so that ifupdown2 reads it as declared.",
                "The usual cause is a backslash at the end of a line, or options of another type of interface.",
            )


def _reads_otherwise(found: Interface, one: DesiredInterface) -> bool:
    """What belongs to Open vSwitch has no lines of another type beside, of which nobody knows who heeds them."""
    both = found.ovs is not None and (found.bridge is not None or found.bond is not None)
    return both or found.kind != one.kind or differs(one, found)


def _refuse_hooks(target: Target) -> Iterator[Refusal]:
    for name, hook in target.hooks:
        yield Refusal(
            f"The address of {name} moves, and nobody knows whether this command belongs to the address or to the"
            f" hardware: {hook.when} {hook.command}",
            f"Remove it, or declare what it does; or write it without the name {name}.",
        )


def _refuse_unreadable(target: Target) -> Iterator[Refusal]:
    for interface in target.after.values():
        for line in interface.unreadable:
            yield Refusal(f"{interface.name}: no program understands '{line}'.", "A remark needs a line of its own.")


def _refuse_patterns(observed: ObservedNetwork) -> Iterator[Refusal]:
    for device in observed.netplan:
        if len(device.names) > 1 and device.addresses:
            yield Refusal(
                f"netplan gives the addresses of '{device.label}' ({device.pattern}) to two devices or more:"
                f" {', '.join(device.names)}.",
                "Let its match find one device.",
            )


def _refuse_sources(desired: DesiredNetwork, observed: ObservedNetwork) -> Iterator[Refusal]:
    for one in desired.interfaces:
        if one.take_over and observed.kernel.named(one.take_over) is None:
            yield Refusal(f"{one.name} is to take over {one.take_over}, which this node does not have.", "Correct it.")
        if one.take_over and one.take_over not in one.lower:
            yield Refusal(f"{one.name} is to take over {one.take_over} and does not stand on it.", "Make it a port.")
        if one.kind == "physical" and (one.mac or one.pci):
            links = [link for link in observed.kernel.links.values() if one.mac in ("", link.permanent_mac or link.mac)]
            found = [link.name for link in links if one.pci in ("", link.pci)]
            if found != [one.name]:
                told = f"is {', '.join(found)}" if found else "is not in this node"
                yield Refusal(
                    f"What {one.name} is to be ({one.mac or one.pci}) {told}.", "Correct it, or pin the name."
                )


def refuse_stack(interfaces: dict[str, Interface], changed: tuple[str, ...], kernel: Kernel) -> Iterator[Refusal]:
    """Members and ports: each in one place, and all there. Of the first that is missing ifupdown2 drops the others."""
    owner: dict[str, str] = {}
    for interface in interfaces.values():
        for lower in interface.lower:
            if interface.kind != "vlan" and owner.setdefault(lower, interface.name) != interface.name:
                yield Refusal(
                    f"{lower} would be in {owner[lower]} and in {interface.name}.", "A port is in one of them."
                )
            made = lower in interfaces and not _is_device(interfaces[lower])
            by_name = "." in lower and kernel.named(lower.rpartition(".")[0]) is not None
            if interface.name in changed and not (made or by_name or kernel.named(lower)):
                yield Refusal(
                    f"{lower}, on which {interface.name} stands, is not there; ifupdown2 would drop the others, too.",
                    "Put it in, or take it out of the declaration.",
                )


def _is_device(one: Interface) -> bool:
    return one.kind in ("physical", "other") or (one.ovs is not None and one.ovs.type == "OVSPort")


def _refuse_gone(target: Target) -> Iterator[Refusal]:
    """What is made here goes only with all that stands on it. A VLAN in the name of a port ifupdown2 makes itself."""
    gone = {name for name, one in target.before.items() if name not in target.after and not _is_device(one)}
    for one in target.after.values():
        for lower in (*one.lower, one.ovs.bridge if one.ovs else ""):
            if lower in gone and ("." not in lower or lower.rpartition(".")[0] in gone):
                yield Refusal(
                    f"{one.name} stands on {lower}, which would go.", f"Declare {one.name} as absent, or without it."
                )


def _refuse_hidden_tags(target: Target) -> Iterator[Refusal]:
    """A VLAN interface on a port takes its tag before the bridge sees it."""
    aware = {
        port: one.name for one in target.after.values() if one.bridge and one.bridge.vlan_aware for port in one.lower
    }
    for one in target.after.values():
        bridge = aware.get(one.vlan.below) if one.vlan else None
        if one.vlan and bridge and {one.name, bridge} & set(target.changed):
            yield Refusal(
                f"{one.name} takes VLAN {one.vlan.tag} from {one.vlan.below}, a port of the VLAN-aware {bridge}: its"
                " guests would never see it.",
                f"Put the VLAN on the bridge: {bridge}.{one.vlan.tag}.",
            )


def _refuse_ports_with_address(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    owner = {port: one.name for one in target.after.values() if one.bridge or one.bond for port in one.lower}
    owner.update({one.name: one.ovs.bridge for one in target.after.values() if one.ovs and one.ovs.type == "OVSPort"})
    for name, bridge in owner.items():
        port = target.after.get(name)
        if port is not None and port.has_address:
            places = ", ".join(port.places)
            told = f" {_CLOUD_INIT}" if "cloud-init" in places else ""
            yield Refusal(
                f"{name} has an address on a bridge port or bond member: it is in {bridge}, and {places} gives it"
                f" {', '.join(map(str, port.addresses)) or 'one by DHCP'}.",
                f"Remove the stanza, or let {bridge} take it over.{told}",
            )


def _refuse_lost_addresses(desired: DesiredNetwork, observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """Of a port that gets into a bridge or bond; what is written nowhere counts as well. Routers give theirs again."""
    kept = {address.ip for one in target.after.values() for address in one.addresses}
    for one in desired.interfaces:
        asked = one.name in target.after and target.after[one.name].dhcp
        for port in (
            one.lower if one.kind in ("bridge", "bond", "ovs_bridge") and one.addresses is None and not asked else ()
        ):
            link = observed.kernel.named(port)
            for address in link.addresses if link and one.name in target.changed else ():
                from_router = link is not None and address.version == 6 and address in link.expiring
                if not (address.ip in kept or address.ip.is_link_local or from_router):
                    yield Refusal(
                        f"{port} has {address}. It is to be in {one.name}, and then nobody would have this address.",
                        f"Let {one.name} take it over, or declare the addresses of {one.name}.",
                    )


def refuse_gateways(interfaces: dict[str, Interface], kernel: Kernel) -> Iterator[Refusal]:
    """One outside of the subnet is right for a single address, a peer, a link-local one, or if it is so now."""
    known: dict[tuple[int, int], tuple[str, IPAddress]] = {}
    for one in interfaces.values():
        for gateway in one.gateways:
            other = known.setdefault((gateway.ip.version, gateway.metric), (one.name, gateway.ip))
            if other != (one.name, gateway.ip):
                who = f"{other[0]} and {one.name} have" if other[0] != one.name else f"{one.name} has"
                yield Refusal(
                    f"{who} two gateways with the same metric ({gateway.metric}); ifupdown2 would"
                    " set one of them, and say nothing.",
                    "Give the spare one a higher metric.",
                )
            networks = [address.network for address in one.addresses if address.version == gateway.ip.version]
            single = any(network.num_addresses == 1 for network in networks)
            inside = any(gateway.ip in network for network in networks)
            running = any(route.via == gateway.ip and route.onlink for route in kernel.routes if route.is_default)
            if not (single or inside or running or gateway.ip in one.peers or gateway.ip.is_link_local):
                yield Refusal(
                    f"{one.name}: gateway {gateway.ip} is in no network of {one.name}.",
                    "Correct it, or declare a route that leads to it.",
                )


def _refuse_dhcp(desired: DesiredNetwork, observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """A cluster and Ceph need addresses that stay."""
    if desired.allow_dhcp:
        return
    sources = {one.take_over: one.name for one in desired.interfaces if one.take_over}
    for one in target.wanted:
        found = target.after.get(one.name)
        if found is not None and found.dhcp:
            yield Refusal(f"{one.name} would have its address by DHCP.", "Declare its addresses, or set allow_dhcp.")
    for unit in observed.networkd:
        if unit.link in sources and unit.dhcp:
            behind = f", {unit.effective} before {', '.join(unit.shadowed)}" if unit.shadowed else ""
            yield Refusal(
                f"{unit.link} has its address by DHCP: systemd-networkd goes by {unit.effective}{behind}.",
                "Declare its addresses, or set allow_dhcp.",
            )
    for name, above in sources.items():
        link = observed.kernel.named(name)
        wanted = desired.named(above)
        leased = link is not None and (link.expiring or observed.managers.get(name) == "dhclient")
        if link is not None and leased and wanted is not None and wanted.addresses is None:
            yield Refusal(
                f"{name} has {', '.join(map(str, link.expiring or link.addresses))} by DHCP, for a time.",
                f"Declare the addresses of {above}, or set allow_dhcp.",
            )


def _refuse_sizes(target: Target, kernel: Kernel) -> Iterator[Refusal]:
    """A bond gives its members its own MTU, unless another one is written for them."""
    for name in target.changed:
        one = target.after.get(name)
        for lower in one.lower if one and one.mtu else ():
            written, link = target.after.get(lower), kernel.named(lower)
            follows = one.mtu if one and one.bond else None
            below = (written.mtu if written else None) or follows or (link.mtu if link else 1500)
            if one and one.mtu and one.mtu > below:
                yield Refusal(
                    f"{name}: its MTU {one.mtu} is larger than the {below} of {lower}, on which it stands.",
                    f"Give {lower} at least as much.",
                )


def _refuse_dead_links(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """What gets an address needs a way out: a cable that is plugged in. A link that is down tells of none."""
    for name in target.changed:
        one = target.after.get(name)
        if one is None or not one.addresses or not one.lower:
            continue
        links = [link for port in _hardware(one, target.after) for link in [observed.kernel.named(port)] if link]
        if links and not any(link.carrier or not link.up for link in links):
            names = ", ".join(link.name for link in links)
            yield Refusal(f"{name} would have addresses and no way out: {names} has no carrier.", "Plug in the cable.")
        bond = next((lower for lower in (name, *one.lower) if lower in observed.alone), None)
        if bond is not None:
            yield Refusal(f"{bond} speaks LACP, and nobody answers it.", "Set up the switch first.")


def _hardware(one: Interface, interfaces: dict[str, Interface], above: tuple[str, ...] = ()) -> Iterator[str]:
    for lower in one.lower:
        if lower in interfaces and interfaces[lower].lower and lower not in above:
            yield from _hardware(interfaces[lower], interfaces, (*above, lower))
        else:
            yield lower


def _refuse_asleep(observed: ObservedNetwork, target: Target) -> Iterator[Refusal]:
    """What nobody has read for years comes alive when ifupdown2 begins to read it."""
    if "systemd-networkd" not in observed.managers.values():
        return
    for name, one in target.after.items():
        link = observed.kernel.named(name)
        present = {address.ip for address in link.addresses} if link else set()
        missing = [str(address) for address in one.addresses if address.ip not in present]
        if name not in target.changed and one.auto and (missing or one.dhcp):
            what = ", ".join(missing) or "an address by DHCP"
            yield Refusal(
                f"{name} would come alive with {what}: {', '.join(one.places)} says so, and nobody reads that so far,"
                " as systemd-networkd manages this node.",
                "Remove the stanza, or declare the interface.",
            )


def _refuse_network_manager(desired: DesiredNetwork, observed: ObservedNetwork) -> Iterator[Refusal]:
    """It would give its addresses to a device again, whatever /etc/network/interfaces says."""
    for name in dict.fromkeys(name for one in desired.interfaces for name in (one.name, *one.lower)):
        if observed.managers.get(name) == "NetworkManager":
            yield Refusal(
                f"NetworkManager manages {name}, and would set it up again after the change.",
                f"Write its addresses into {MAIN}, let NetworkManager leave it alone (unmanaged-devices), and reboot.",
            )


def _refuse_strangers(observed: ObservedNetwork) -> Iterator[Refusal]:
    for one in observed.strangers:
        yield Refusal(
            f"{one.mac} has {one.address} already, as it answers on {one.interface}.", "Take another address."
        )
