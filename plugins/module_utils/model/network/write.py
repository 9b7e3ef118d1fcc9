# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interfaces → lines of /etc/network/interfaces, as ifupdown2 and Proxmox VE both read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Callable, Optional

from . import hooks
from .document import Edit, body, comments_of, without_names, written
from .interface import Bond, Bridge, DesiredInterface, Hook, Interface, Ovs
from .meaning import interfaces
from .reading import Files, Reading, read
from .statements import MAIN, Lines, Option, Stanza

Options = list[tuple[str, str]]
_ADDRESS = ("address", "netmask", "broadcast", "pointopoint")
_GATEWAY = ("gateway", "metric")
_BOND = (
    *("bond-slaves", "bond-ports", "slaves", "bond-mode", "bond-miimon", "bond-xmit-hash-policy", "bond-lacp-rate"),
    "bond-primary",
)
_BRIDGE = ("bridge-ports", "bridge-vlan-aware", "bridge-vids")
_OVS = ("ovs_type", "ovs-type", "ovs_bridge", "ovs-bridge", "ovs_ports", "ovs-ports")
_OVS_OPTIONS = ("ovs_options", "ovs-options")
_MTU = ("mtu", "ovs_mtu", "ovs-mtu")
_FAMILIES = {4: "inet", 6: "inet6"}


def with_interfaces(files: Files, wanted: Iterable[DesiredInterface], more: Mapping[str, Options]) -> Files:
    """The files in which each interface is as wanted, and everything else as it was. more: options to add to one."""
    for one in wanted:
        reading = read(files, "ifupdown2")
        found = interfaces(reading).get(one.name)
        edit = Edit(files)
        known = found if found and found.places else None
        if one.absent:
            _remove(edit, reading, one.name)
        elif known is None:
            edit.append(MAIN, list(_paragraph(one, more.get(one.name, []))))
            if not one.auto:
                without_names(edit, reading, frozenset((one.name,)), ("auto",))
        elif differs(one, known) or more.get(one.name) or not _has_comment(edit, reading, one):
            _change(edit, reading, one, known, more.get(one.name, []))
        files = edit.done()
    return files


def differs(one: DesiredInterface, found: Interface) -> bool:
    """Whether what is declared means something else than what is written."""
    routes = one.routes is not None and set(one.routes) != set(found.routes)
    return one.auto != found.auto or routes or bool(_managed(one, found))


def _spelled(bond: Optional[Bond]) -> Options:
    return list(_bond(bond)) if bond else []


def _paragraph(one: DesiredInterface, more: Options) -> Iterator[str]:
    if one.auto:
        yield f"auto {one.name}"
    general = [*_general(one), *more]
    families = [version for version in (4, 6) if any(address.version == version for address in one.addresses or ())]
    for place, version in enumerate(families or [4]):
        if place:
            yield ""
        yield f"iface {one.name} {_FAMILIES[version]} {'static' if families else 'manual'}"
        yield from written(_of_family(one, version))
        if not place:
            yield from written([*general, *_routes(one)])
            yield from [f"#{one.comment}"] if one.comment else []


def _of_family(one: DesiredInterface, version: int) -> Options:
    addresses = [("address", str(address)) for address in one.addresses or () if address.version == version]
    gateways = [gateway for gateway in one.gateways or () if gateway.ip.version == version]
    metrics = [("metric", str(gateway.metric)) for gateway in gateways if gateway.metric]
    return [*addresses, *(("gateway", str(gateway.ip)) for gateway in gateways), *metrics]


def _general(one: DesiredInterface) -> Iterator[tuple[str, str]]:
    yield from _bond(one.bond) if one.bond else ()
    if one.vlan and "." not in one.name:
        yield "vlan-raw-device", one.vlan.below
        yield "vlan-id", str(one.vlan.tag)
    if one.bridge:
        yield from _bridge(one.bridge)
        yield from (("bridge-stp", "off"), ("bridge-fd", "0"))
    if one.ovs:
        yield from _ovs(one.ovs)
    if one.mac and one.kind != "physical":
        yield "hwaddress", one.mac
    if one.mtu is not None:
        yield "ovs_mtu" if one.ovs else "mtu", str(one.mtu)


def _routes(one: DesiredInterface) -> Options:
    return [("up", route.command(one.name)) for route in one.routes or ()]


def _bond(bond: Bond) -> Iterator[tuple[str, str]]:
    yield "bond-slaves", " ".join(bond.members) or "none"
    yield "bond-mode", bond.mode or "balance-rr"
    yield "bond-miimon", str(100 if bond.miimon is None else bond.miimon)
    for name, value in (
        ("xmit-hash-policy", bond.hash_policy),
        ("lacp-rate", bond.lacp_rate),
        ("primary", bond.primary),
    ):
        if value:
            yield f"bond-{name}", value


def _bridge(bridge: Bridge) -> Iterator[tuple[str, str]]:
    yield "bridge-ports", " ".join(bridge.ports) or "none"
    if bridge.vlan_aware:
        yield from (("bridge-vlan-aware", "yes"), ("bridge-vids", bridge.vids))


def _ovs(ovs: Ovs) -> Iterator[tuple[str, str]]:
    yield "ovs_type", ovs.type
    if ovs.bridge:
        yield "ovs_bridge", ovs.bridge
    if ovs.options:
        yield "ovs_options", ovs.options
    if ovs.ports:
        yield "ovs_ports", " ".join(ovs.ports)


def _managed(one: DesiredInterface, found: Interface) -> set[str]:
    """The options whose lines are written anew; those of nobody, or that mean the same already, stay."""
    names: set[str] = set()
    if one.addresses is not None and (set(one.addresses) != set(found.addresses) or found.dhcp):
        names.update(_ADDRESS)
    if one.gateways is not None and set(one.gateways) != set(found.gateways):
        names.update(_GATEWAY)
    if one.mtu is not None and one.mtu != found.mtu:
        names.update(_MTU)
    if one.mac and one.kind != "physical" and one.mac != found.mac:
        names.add("hwaddress")
    if one.bond is not None and _spelled(one.bond) != _spelled(found.bond):
        names.update(_BOND)
    if one.vlan is not None and one.vlan != found.vlan:
        names.update(("vlan-raw-device", "vlan-id"))
    if one.bridge is not None and one.bridge != found.bridge:
        names.update(_BRIDGE)
    ovs = _kept(one.ovs, found.ovs)
    if ovs != found.ovs and (ovs is not None or one.kind == "physical"):
        names.update(_OVS)
        names.update(_OVS_OPTIONS if (ovs and ovs.options) != (found.ovs and found.ovs.options) else ())
    return names


def _kept(ovs: Optional[Ovs], found: Optional[Ovs]) -> Optional[Ovs]:
    """With what nobody declares of a port that stays one: its other options, and the tag of a device."""
    if ovs is None or found is None or ovs.type != found.type:
        return ovs
    return replace(ovs, others=found.others, tag=found.tag if ovs.type == "OVSPort" else ovs.tag)


def _change(edit: Edit, reading: Reading, one: DesiredInterface, found: Interface, more: Options) -> None:
    names = _managed(one, found)
    one = replace(one, ovs=_kept(one.ovs, found.ovs))

    def goes(option: Option) -> bool:
        route = hooks.as_route(Hook(option.name, option.value), one.name) if option.name in ("up", "post-up") else None
        return option.name in names or (route is not None and one.routes is not None and route not in one.routes)

    placed = [(each.path, each.statement) for each in reading.placed if isinstance(each.statement, Stanza)]
    own = [(path, stanza) for path, stanza in placed if stanza.name == one.name]
    left = {4, 6} if names & {*_ADDRESS, *_GATEWAY} else set()
    new_routes = [("up", route.command(one.name)) for route in one.routes or () if route not in found.routes]
    for place, (path, stanza) in enumerate(own):
        versions = left & ({4, 6} if not stanza.family else {4} if stanza.family == "inet" else {6})
        left -= versions
        rows = [row for version in sorted(versions) for row in written(_only(_of_family(one, version), names))]
        if not place:
            rows += written([*_only(_general(one), names), *new_routes, *more])
            rows += [] if _has_comment(edit, reading, one) else [f"#{one.comment}"]
        rows += body(edit, path, stanza, goes)
        header = edit.rows(path, Lines(stanza.lines.first, stanza.lines.first + 1))[0]
        if names & set(_ADDRESS) and stanza.family:
            addressed = any(_of_family(one, version) for version in versions)
            header = f"iface {one.name} {stanza.family} {'static' if addressed else 'manual'}"
        head = [f"auto {one.name}"] if not place and one.auto and not found.auto else []
        edit.put(path, stanza.lines, [*head, header, *rows])
    for version in sorted(left):
        if options := _only(_of_family(one, version), names):
            path, last = own[-1]
            after = Lines(last.lines.end, last.lines.end)
            edit.put(path, after, ["", f"iface {one.name} {_FAMILIES[version]} static", *written(options)])
    if found.auto and not one.auto:
        without_names(edit, reading, frozenset((one.name,)), ("auto",))


def _only(options: Iterable[tuple[str, str]], names: set[str]) -> Options:
    return [(name, value) for name, value in options if name in names]


def _has_comment(edit: Edit, reading: Reading, one: DesiredInterface) -> bool:
    return not one.comment or one.comment.strip() in comments_of(edit.files, reading, one.name)


def _remove(edit: Edit, reading: Reading, name: str) -> None:
    for placed in reading.placed:
        if isinstance(placed.statement, Stanza) and placed.statement.name == name:
            edit.put(placed.path, placed.statement.lines)
    without_names(edit, reading, frozenset((name,)), ("auto", "hotplug"))


def without_address(files: Files, name: str, goes: Callable[[Option], bool]) -> Files:
    """The files in which an interface has no address any more, nor the options that go with it; the rest stays."""
    edit, reading = Edit(files), read(files, "ifupdown2")
    first = True
    for placed in reading.placed:
        stanza = placed.statement
        if not isinstance(stanza, Stanza) or stanza.name != name:
            continue
        rows = body(edit, placed.path, stanza, goes)
        if first or any(not goes(option) for option in stanza.options):
            edit.put(placed.path, stanza.lines, [f"iface {name} {stanza.family or 'inet'} manual", *rows])
        else:
            edit.put(placed.path, stanza.lines, [row for row in rows if row.strip().startswith("#")])
        first = False
    return edit.done()
