# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that there should be: converted for ifupdown2, with the declared interfaces, and with addresses moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Optional

from ...model.network import hooks
from ...model.network.conversion import Conversion, converted, differences
from ...model.network.interface import DesiredInterface, Gateway, Hook, Interface, KernelRoute, Link, Route
from ...model.network.meaning import interfaces
from ...model.network.network import DesiredNetwork, ObservedNetwork
from ...model.network.reading import Files, read
from ...model.network.statements import MAIN, Option
from ...model.network.write import Options, with_interfaces, without_address

#: The file of a node that has none; the second line is where Proxmox VE puts the networks of its SDN.
_EMPTY = "auto lo\niface lo inet loopback\n\nsource /etc/network/interfaces.d/sdn\n"
_WITH_ADDRESS = (
    *("address", "netmask", "broadcast", "pointopoint", "gateway", "metric", "scope", "preferred-lifetime"),
    *("dns-nameservers", "dns-nameserver", "dns-search", "dns-domain", "accept-ra", "autoconf", "privext"),
    *("hwaddress", "network"),
)


@dataclass(frozen=True)
class Target:
    """base: what stands there, as ifupdown2 is to read it. files: with the change. before, after: what each means.

    wanted: the declared interfaces, with what they take over. meant: what the other program would have read otherwise;
    lost: what of it a conversion cannot keep. hooks: commands that name an interface whose address moves, and of which
    nobody knows where they belong.
    """

    base: Files
    files: Files
    before: dict[str, Interface]
    after: dict[str, Interface]
    wanted: tuple[DesiredInterface, ...]
    changes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    hooks: tuple[tuple[str, Hook], ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """The interfaces that are not afterwards what they were."""
        names = dict.fromkeys((*self.before, *self.after))
        return tuple(name for name in names if self.before.get(name) != self.after.get(name))


def target(desired: DesiredNetwork, observed: ObservedNetwork) -> Target:
    conversion, lost = _converted(observed)
    before = interfaces(read(conversion.files, "ifupdown2"))
    files: Files = conversion.files
    if MAIN not in files and desired.interfaces:
        files = {**files, MAIN: _EMPTY}
    wanted, stuck, more = [], [], {}
    for one in desired.interfaces:
        if _is_internal(one, before):
            continue
        source = source_of(observed, before, one.take_over) if one.take_over else None
        if source is None:
            wanted.append(one)
            continue
        whole, options, left = _taken_over(one, source, observed.kernel.named(one.take_over))
        wanted.append(whole)
        more[one.name] = [] if one.name in before and before[one.name].has_address else options
        stuck += [(source.name, hook) for hook in left]
        files = _given_up(files, source)
        if source.name not in before:
            wanted.insert(len(wanted) - 1, DesiredInterface(source.name, "physical"))
    files = with_interfaces(files, wanted, more)
    after = interfaces(read(files, "ifupdown2"))
    meant = tuple(one for one in _differences(observed, observed.files) if one not in lost)
    return Target(conversion.files, files, before, after, tuple(wanted), conversion.changes, lost, meant, tuple(stuck))


def _is_internal(one: DesiredInterface, before: dict[str, Interface]) -> bool:
    """Whether what a bridge of Open vSwitch names as its port is an internal one of it already, and so no device."""
    found = before[one.name].ovs if one.name in before else None
    if one.ovs is None or found is None:
        return False
    return (one.ovs.type, found.type) == ("OVSPort", "OVSIntPort") and one.ovs.bridge == found.bridge


def _converted(observed: ObservedNetwork) -> tuple[Conversion, tuple[str, ...]]:
    if observed.program != "ifupdown":
        return Conversion(dict(observed.files), ()), ()
    conversion = converted(observed.files)
    return conversion, tuple(_differences(observed, conversion.files))


def _differences(observed: ObservedNetwork, files: Files) -> list[str]:
    """What ifupdown2 reads otherwise in these files than ifupdown in those that there are."""
    return differences(observed.files, files, "ifupdown", "ifupdown2") if observed.program == "ifupdown" else []


def source_of(observed: ObservedNetwork, written: dict[str, Interface], name: str) -> Optional[Interface]:
    """An interface as it is written, or, where ifupdown does not manage it, as netplan and the kernel have it.

    None where it gives nothing away any more: it is a port already, and has no address.
    """
    found = written.get(name)
    if found is not None and found.has_address and observed.managers.get(name) != "systemd-networkd":
        return found
    link = observed.kernel.named(name)
    if link is None or link.master or not link.addresses:
        return None
    return _of_kernel(observed, link, found)


def _of_kernel(observed: ObservedNetwork, link: Link, written: Optional[Interface]) -> Interface:
    plan = next((one for one in observed.netplan if link.name in one.names), None)
    routes = [route for route in observed.kernel.routes if route.interface == link.name]
    leased = bool(link.expiring) or (plan is not None and plan.dhcp)
    return Interface(
        link.name,
        "physical",
        auto=True,
        addresses=tuple(address for address in link.addresses if not address.ip.is_link_local),
        gateways=tuple(Gateway(route.via, 0) for route in routes if route.via and route.is_default),
        dhcp=("inet",) if leased else (),
        mtu=link.mtu if link.mtu != 1500 else None,
        routes=() if leased else tuple(_static(routes)),
        hooks=written.hooks if written else (),
        dns=plan.dns if plan else (),
        search=plan.search if plan else (),
    )


def _static(routes: Iterable[KernelRoute]) -> Iterator[Route]:
    """Those that somebody has written: one by way of a link-local address is of a router, which tells it again."""
    for route in routes:
        if route.via is not None and not route.is_default and not route.via.is_link_local:
            yield Route(route.to, route.via, route.metric)


def _taken_over(
    one: DesiredInterface, source: Interface, link: Optional[Link]
) -> tuple[DesiredInterface, Options, tuple[Hook, ...]]:
    """The interface with what it takes over, further options, and the hooks of which nobody knows where they belong."""
    mac = (link.permanent_mac or link.mac) if link else ""
    whole = replace(
        one,
        addresses=source.addresses if one.addresses is None else one.addresses,
        gateways=source.gateways if one.gateways is None else one.gateways,
        routes=source.routes if one.routes is None else one.routes,
        mtu=source.mtu if one.mtu is None else one.mtu,
        mac=one.mac or source.mac or ("" if one.ovs else mac),
    )
    moving = [hook for hook in source.hooks if moves(hook, source.name)]
    options = [("pointopoint", str(peer)) for peer in source.peers]
    options += [("dns-nameservers", " ".join(source.dns))] if source.dns else []
    options += [("dns-search", " ".join(source.search))] if source.search else []
    return whole, [*options, *((hook.when, hook.command) for hook in moving)], tuple(_stuck(source))


def _stuck(source: Interface) -> Iterator[Hook]:
    for hook in source.hooks:
        if hooks.names(hook, source.name) and not hooks.is_of_hardware(hook) and not hooks.undoes_route(hook):
            yield hook


def moves(hook: Hook, interface: str) -> bool:
    """With the address goes what sets up neither the hardware nor names the interface."""
    return not hooks.is_of_hardware(hook) and not hooks.names(hook, interface) and not hooks.undoes_route(hook)


def _given_up(files: Files, source: Interface) -> Files:
    def goes(option: Option) -> bool:
        if option.name in hooks.HOOKS:
            return not hooks.is_of_hardware(Hook(option.name, option.value))
        return option.name in _WITH_ADDRESS

    return without_address(files, source.name, goes)
