# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the kernel says about links, routes and VLAN filters, as ``ip -json`` and ``bridge -json`` print it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.network.interface import FILTERS, OVS_SYSTEM, IPInterface, Kernel, KernelRoute, Link

ADDRESSES = ("ip", "-json", "-details", "address")
ROUTES = {4: ("ip", "-json", "route", "show"), 6: ("ip", "-6", "-json", "route", "show")}
_DATABASE = ("ovs-vsctl", "--format=json")
OVS_PORTS = (*_DATABASE, "--columns=_uuid,name,tag", "list", "Port")
OVS_BRIDGES = (*_DATABASE, "--columns=name,ports", "list", "Bridge")
VLANS = ("bridge", "-json", "vlan", "show")
_DEVICES = "/sys/class/net"
_FILTERING = re.compile(r"^rx-vlan-filter: on", re.MULTILINE)
_ALWAYS = 2**32 - 1


def observe(reader: Reader) -> Kernel:
    found = {name: _with_device(reader, link) for name, link in observe_links(reader).items()}
    versions = {address.version for link in found.values() for address in link.addresses}
    routes = [route for version, command in ROUTES.items() for route in _routes(reader, command, version in versions)]
    bridged = any(link.kind == "bridge" for link in found.values())
    vlans = parse_vlans(reader.run_json(*VLANS) or ()) if bridged else {}
    tags, switched = _open_vswitch(reader) if OVS_SYSTEM in found else ({}, {})
    return Kernel(found, tuple(routes), vlans, tags, switched)


def _open_vswitch(reader: Reader) -> tuple[dict[str, int], dict[str, str]]:
    """The tags of its ports, and the bridges that they are in. A column that is empty is a set of nothing."""
    ports = _listed(reader, OVS_PORTS)
    names = {uuid[1]: name for uuid, name, tag in ports}
    switched = {}
    for bridge, told in _listed(reader, OVS_BRIDGES):
        for uuid in told[1] if told[0] == "set" else [told]:  # one alone is no set
            if uuid[1] in names:  # else it came between the two questions
                switched[names[uuid[1]]] = bridge
    return {name: tag for uuid, name, tag in ports if isinstance(tag, int)}, switched


def _listed(reader: Reader, command: tuple[str, ...]) -> list[list[Any]]:
    told = reader.run_json(*command)
    if told is None:
        raise Unreadable(f"`{' '.join(command)}` failed.", "Start openvswitch-switch.service.")
    rows: list[list[Any]] = told["data"]
    return rows


def observe_links(reader: Reader) -> dict[str, Link]:
    """Without what a device says of itself."""
    links = reader.run_json(*ADDRESSES)
    if links is None:
        raise Unreadable("`ip -json -details address` failed.", "Install iproute2.")
    return parse_links(links)


def _routes(reader: Reader, command: tuple[str, ...], used: bool) -> list[KernelRoute]:
    """A kernel without a family of addresses says nothing of its routes; one that uses it has to."""
    told = reader.run_json(*command)
    if told is None and used:
        raise Unreadable(f"`{' '.join(command)}` failed.")
    return parse_routes(told or ())


def parse_links(interfaces: Sequence[Mapping[str, Any]]) -> dict[str, Link]:
    """``permaddr`` is only told where it differs from the address in use. A lease has a lifetime."""
    found = {}
    for one in interfaces:
        told = [(entry, _address(entry)) for entry in one.get("addr_info", ())]
        addresses = [(entry, address) for entry, address in told if address is not None]
        flags = one.get("flags", ())
        kind = one.get("linkinfo", {}).get("info_kind", "")
        found[one["ifname"]] = Link(
            one["ifname"],
            mac=one.get("address", ""),
            permanent_mac=one.get("permaddr", ""),
            alternatives=tuple(one.get("altnames", ())),
            up="UP" in flags or one.get("operstate") == "UP",
            carrier="LOWER_UP" in flags or one.get("operstate") == "UP",
            mtu=one.get("mtu", 1500),
            master=one.get("master", ""),
            kind=kind,
            below=one.get("link", "") if kind == "vlan" else "",
            addresses=tuple(address for entry, address in addresses),
            expiring=tuple(address for entry, address in addresses if entry.get("valid_life_time", _ALWAYS) != _ALWAYS),
        )
    return found


def _address(entry: Mapping[str, Any]) -> Optional[IPInterface]:
    if "local" not in entry or entry.get("temporary"):
        return None
    return ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}")


def parse_routes(routes: Sequence[Mapping[str, Any]]) -> list[KernelRoute]:
    found = []
    for route in routes:
        if "dev" not in route or route.get("type", "unicast") != "unicast":
            continue
        via = ipaddress.ip_address(route["gateway"]) if "gateway" in route else None
        everything = "::/0" if via is not None and via.version == 6 else "0.0.0.0/0"
        to = ipaddress.ip_network(everything if route["dst"] == "default" else route["dst"], strict=False)
        onlink = "onlink" in route.get("flags", ())
        found.append(KernelRoute(to, via, route["dev"], route.get("metric", 0), onlink))
    return found


def parse_vlans(ports: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, ...]]:
    """Interface → the tags that it lets through, with PVID 1, which the kernel sets itself."""
    return {
        port["ifname"]: tuple(
            tag for one in port.get("vlans", ()) for tag in range(one["vlan"], one.get("vlanEnd", one["vlan"]) + 1)
        )
        for port in ports
    }


def _with_device(reader: Reader, link: Link) -> Link:
    """Hardware has a device behind it: where it is on the bus, and who drives it."""
    device = reader.entry(f"{_DEVICES}/{link.name}/device")
    if device is None or not device.target:
        return link
    driver = reader.entry(f"{_DEVICES}/{link.name}/device/driver")
    name = (driver.target or "").rpartition("/")[2] if driver else ""
    filters = name in FILTERS and _FILTERING.search(reader.run("ethtool", "-k", link.name).stdout) is not None
    return replace(link, pci=device.target.rpartition("/")[2], driver=name, filters_vlans=filters)
