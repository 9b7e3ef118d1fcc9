# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One owner's machines, as the role of guests takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from ...model.guest.fleet import DesiredFleet, FleetMachine, FleetNetwork, Interface
from ...model.guest.fleet_mark import OwnerMark
from ...model.guest.owner import Owner

_LONGEST_VNET, _LAST_VLAN, _LONGEST_WINDOWS = 8, 4094, 15
_SLOT = "net0"


def machine_name(owner: Owner, machine: FleetMachine) -> str:
    return f"{owner.label}-{machine.name}"


def machines(fleet: DesiredFleet, owner: Owner, mark: OwnerMark, pool: str, until: str) -> Iterator[dict[str, Any]]:
    for machine in fleet.machines:
        number = mark.numbers[machine.name]
        firewall = {"firewall": {**fleet.isolation, **(machine.wish.get("firewall") or {})}} if fleet.isolation else {}
        told = {"fleet": fleet.id, "owner": owner.user, "machine": machine.name, "expires": until}
        told.update({"quota": str(fleet.quota)} if fleet.quota.limits else {})
        yield {
            **_connected(fleet.network, machine, number, _owners_number(mark)),
            **firewall,
            "vmid": fleet.ids.start + number,
            "name": machine_name(owner, machine),
            "pool": pool,
            "tags": sorted({f"fleet-{fleet.id}", f"own-{owner.label}", *(machine.wish.get("tags") or ())}),
            "mark": told,
        }


def _owners_number(mark: OwnerMark) -> int:
    """His lowest: it stays, whatever machines come and go."""
    return min(mark.numbers.values(), default=0)


def _connected(network: FleetNetwork, machine: FleetMachine, number: int, owners: int) -> dict[str, Any]:
    wish = dict(machine.wish)
    net: dict[str, Any] = {"slot": _SLOT, "bridge": f"{network.vnet}{owners}" if network.vnet else network.bridge}
    if network.vlan is not None:
        net["tag"] = network.vlan + owners
    address = {"ip": _address(network, number), **({"gw": network.gateway} if network.gateway else {})}
    if machine.container:
        net.update(name="eth0", **address)
        wish.update(_names(network))
    elif wish.get("cloud_init") is not False:
        given = wish.get("cloud_init") or {}
        wish["cloud_init"] = {"upgrade": False, "addresses": [{"net": _SLOT, **address}], **_names(network), **given}
    else:
        del wish["cloud_init"]
    said = {one.get("slot"): one for one in wish.get("nets") or ()}
    first = {**net, **said.pop(_SLOT, {})}
    return {**wish, "nets": [first, *said.values()]}


def _names(network: FleetNetwork) -> Mapping[str, Any]:
    said = {"nameservers": list(network.nameservers), "search_domain": network.search_domain}
    return {key: value for key, value in said.items() if value}


def _address(network: FleetNetwork, number: int) -> str:
    if network.first is None:
        return "dhcp"
    return f"{network.first.ip + number}/{network.first.network.prefixlen}"


def refuse_machines(fleet: DesiredFleet, owner: Owner, mark: OwnerMark) -> Iterator[str]:
    """Names, addresses and networks that there cannot be."""
    for machine in fleet.machines:
        name, number = machine_name(owner, machine), mark.numbers[machine.name]
        if str(machine.wish.get("ostype", "")).startswith("win") and len(name) > _LONGEST_WINDOWS:
            yield f"Windows cannot be called {name}: at most {_LONGEST_WINDOWS} letters"
        if fleet.network.first is not None:
            yield from _wrong_address(fleet.network, fleet.network.first, name, number)
    owners = _owners_number(mark)
    if fleet.network.vnet and len(f"{fleet.network.vnet}{owners}") > _LONGEST_VNET:
        yield f"the vnet {fleet.network.vnet}{owners} of {owner.user} has more than {_LONGEST_VNET} letters"
    if fleet.network.vlan is not None and fleet.network.vlan + owners > _LAST_VLAN:
        yield f"the VLAN {fleet.network.vlan + owners} of {owner.user} is none; the last is {_LAST_VLAN}"


def _wrong_address(network: FleetNetwork, first: Interface, name: str, number: int) -> Iterator[str]:
    address, net = first.ip + number, first.network
    taken = [ip_address(one) for one in (network.gateway, *network.nameservers) if one]
    if address not in net or address in (net.network_address, net.broadcast_address):
        yield f"the address {address} of {name} is none of {net}"
    if address in taken:
        yield f"the address {address} of {name} is that of the gateway or a name server"
