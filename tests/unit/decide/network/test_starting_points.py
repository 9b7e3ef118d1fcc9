"""From what an installer, an image or a provider leaves to vmbr0: the whole decision, and who reads it how."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.change import change_of
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.network import decide
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, KernelRoute, Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import Manager, ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.networkd import netplan_of, units_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, Program

from .test_cases import wanted

ADDRESS, GATEWAY, MAC = "192.0.2.11/24", "192.0.2.1", "02:00:00:00:00:01"
LO = "auto lo\niface lo inet loopback\n"
STATIC = f"iface eno1 inet static\n    address {ADDRESS}\n    gateway {GATEWAY}\n"
CLOUD_INIT = (
    "# This file is generated from information provided by the datasource.\n"
    f"auto lo\niface lo inet loopback\n\nauto eno1\n{STATIC}    dns-nameservers 192.0.2.53\n"
)
NETPLAN = f"[Match]\nName=eno1\n\n[Network]\nAddress={ADDRESS}\nGateway={GATEWAY}\nDNS=192.0.2.53\n"
BOND = """auto bond0
iface bond0 inet static
    address 192.0.2.11/24
    gateway 192.0.2.1
    bond-mode active-backup
    bond_miimon 100
    bond-slaves none

auto eno1
iface eno1 inet manual
    bond-master bond0
    bond-mode active-backup

auto eno2
iface eno2 inet manual
    bond-master bond0
    bond-mode active-backup
"""


@dataclass(frozen=True)
class Start:
    files: dict[str, str]
    program: Program | None = "ifupdown"
    units: dict[str, str] = field(default_factory=dict)
    manager: Manager = "ifupdown"
    cloud_init: bool = False
    port: str = "eno1"

    @property
    def observed(self) -> ObservedNetwork:
        address = (ipaddress.ip_interface(ADDRESS),)
        names = dict.fromkeys(("eno1", "eno2", self.port))
        links = {
            name: Link(name, mac=MAC, up=True, carrier=True, addresses=address if name == self.port else ())
            for name in names
        }
        default = KernelRoute(ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_address(GATEWAY), self.port)
        return ObservedNetwork(
            self.program,
            self.files,
            kernel=Kernel(links, (default,)),
            managers={self.port: self.manager},
            netplan=netplan_of(self.units, links),
            networkd=units_of(self.units, links),
            cloud_init=self.cloud_init,
        )


STARTS = {
    "Debian's installer": Start({
        MAIN: f"source /etc/network/interfaces.d/*\n\n{LO}\nallow-hotplug eno1\n{STATIC}"
    }),
    "Debian 11's cloud image": Start(
        {MAIN: "source-directory /etc/network/interfaces.d\n", "/etc/network/interfaces.d/50-cloud-init": CLOUD_INIT},
        cloud_init=True,
    ),
    "cloud image with netplan and networkd": Start(
        {},
        program=None,
        units={"/run/systemd/network/10-netplan-primary.network": NETPLAN},
        manager="systemd-networkd",
        cloud_init=True,
    ),
    "cloud-init's ifupdown": Start(
        {MAIN: "source /etc/network/interfaces.d/*\n", "/etc/network/interfaces.d/50-cloud-init": CLOUD_INIT},
        cloud_init=True,
    ),
    "networkd beside a file that nobody reads": Start(
        {MAIN: LO},
        units={"/etc/systemd/network/10-wan.network": NETPLAN},
        manager="systemd-networkd",
    ),
    "a provider's installer": Start({
        MAIN: f"{LO}\nauto eno1\n{STATIC}    up route add -net 192.0.2.0 netmask 255.255.255.0 gw {GATEWAY} dev eno1\n"
    }),
    "a bond that cloud-init wrote": Start({MAIN: f"{LO}\n{BOND}"}, port="bond0"),
}  # fmt: skip


def bridge_of(start: Start) -> dict[str, Any]:
    return {"name": "vmbr0", "type": "bridge", "ports": [start.port], "take_over": start.port}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_the_bridge_gets_what_the_node_had_and_all_programs_read_it_alike(start: Start) -> None:
    desired, observed = wanted(bridge_of(start)), start.observed
    plan = decide(desired, observed)
    assert [str(refusal) for refusal in plan.refusals] == []
    assert plan.steps[-1].id == "network.confirm"
    files = target(desired, observed).files
    for program in ("ifupdown2", "ifupdown", "pve"):
        bridge = interfaces(read(files, program))["vmbr0"]
        assert [str(one) for one in bridge.addresses] == [ADDRESS]
        assert [str(one.ip) for one in bridge.gateways] == [GATEWAY]
        assert bridge.bridge is not None and bridge.bridge.ports == (start.port,)
        assert (bridge.mac, bridge.auto) == (MAC, True)
    port = interfaces(read(files, "ifupdown2")).get(start.port)
    assert port is None or not port.has_address


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_nobody_else_manages_it_after_the_next_boot(start: Start) -> None:
    observed = start.observed
    change = change_of(wanted(bridge_of(start)), observed, target(wanted(bridge_of(start)), observed))
    assert change is not None
    told = {file.path for file in change.files if file.path.startswith("/etc/cloud")}
    assert bool(told) == start.cloud_init
    assert (("mask", "systemd-networkd.service") in change.units) == (start.manager == "systemd-networkd")


def test_static_routes_of_networkd_go_with_the_address() -> None:
    """Those that the kernel makes of an address, or has from a router, come again by themselves."""
    start = STARTS["cloud image with netplan and networkd"]
    more = [
        KernelRoute(ipaddress.ip_network(to), ipaddress.ip_address(via) if via else None, interface, metric)
        for to, via, interface, metric in (
            ("10.50.0.0/16", "192.0.2.2", "eno1", 50),
            ("10.60.0.0/16", "10.10.2.2", "eno2", 0),
            ("192.0.2.0/24", "", "eno1", 0),
            ("2001:db8:5::/48", "fe80::1", "eno1", 1024),
        )
    ]
    shown = start.observed
    observed = replace(shown, kernel=replace(shown.kernel, routes=(*shown.kernel.routes, *more)))
    files = target(wanted(bridge_of(start)), observed).files
    (route,) = interfaces(read(files, "ifupdown2"))["vmbr0"].routes
    assert route.command("vmbr0") == "ip route replace 10.50.0.0/16 via 192.0.2.2 dev vmbr0 metric 50"
    assert [str(refusal) for refusal in decide(wanted(bridge_of(start)), observed).refusals] == []
    eno1 = observed.kernel.links["eno1"]
    lease = replace(observed.kernel, links={**observed.kernel.links, "eno1": replace(eno1, expiring=eno1.addresses)})
    files = target(wanted(bridge_of(start)), replace(observed, kernel=lease)).files
    assert interfaces(read(files, "ifupdown2"))["vmbr0"].routes == (), "of a lease, as are its addresses"


def test_the_iso_installation_has_it_already() -> None:
    text = (
        f"{LO}\niface eno1 inet manual\n\nauto vmbr0\niface vmbr0 inet static\n\taddress {ADDRESS}\n"
        f"\tgateway {GATEWAY}\n\tbridge-ports eno1\n\tbridge-stp off\n\tbridge-fd 0\n\n"
        "source /etc/network/interfaces.d/*\n"
    )
    start = Start({MAIN: text}, "ifupdown2", port="vmbr0")
    links = {**start.observed.kernel.links, "eno1": Link("eno1", mac=MAC, up=True, carrier=True, master="vmbr0")}
    observed = ObservedNetwork("ifupdown2", {MAIN: text}, kernel=Kernel(links, start.observed.kernel.routes))
    declared = wanted({"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"})
    plan = decide(declared, observed)
    assert (plan.sentences, plan.refusals) == ([], ())
