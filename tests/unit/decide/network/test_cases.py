"""The networks that went wrong in public: what is refused, what is warned of, and what is written instead."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.change import KEEPS_NAME, change_of
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.refusals import (
    refuse_gateways,
    refuse_network,
    refuse_stack,
)
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import Target, target
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.warnings import (
    warn_of_filters,
    warn_of_network,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link, Use
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces, routes_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import (
    DesiredNetwork,
    Netplan,
    ObservedNetwork,
    Stranger,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.networkd import pins_of, units_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, STAGED, Program
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.kernel import parse_links, parse_vlans
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

BRIDGE = {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"}


def wanted(*given: Any, **options: Any) -> DesiredNetwork:
    return desired_from({"interfaces": list(given), "allow_dhcp": False, "timeout": 60, **options})


def kernel(*names: str) -> Kernel:
    links = {
        name: Link(name, mac=f"02:00:00:00:00:{number:02x}", up=True, carrier=True)
        for number, name in enumerate(names, 1)
    }
    return Kernel(links)


def observed(files: dict[str, str], *names: str, program: Program = "ifupdown", **more: Any) -> ObservedNetwork:
    return ObservedNetwork(program, files, kernel=more.pop("kernel", None) or kernel(*names), **more)


def said(desired: DesiredNetwork, found: ObservedNetwork) -> str:
    return "\n".join(map(str, refuse_network(desired, found, target(desired, found))))


def new_of(name: str, seen: Target) -> Any:
    return seen.after[name]


def test_hooks_move_with_the_address_or_stay_with_the_hardware() -> None:
    case, right = "hooks-name-the-old-nic", cases.right("hooks-name-the-old-nic")
    desired, found = wanted(*cases.declared(case)), observed(cases.files(case), "eno1")
    seen = target(desired, found)
    bridge, nic = new_of("vmbr0", seen), new_of("eno1", seen)
    told = right["written"]["vmbr0"]
    assert [str(one) for one in bridge.addresses] == told["address"]
    assert [str(one.ip) for one in bridge.gateways] == [told["gateway"], told["gateway6"]]
    assert list(bridge.bridge.ports) == told["bridge-ports"] and bridge.mac == "02:00:00:00:00:01"
    assert all(f"\tup {command}\n" in seen.files[MAIN] for command in told["up"])
    assert not nic.has_address and [hook.command for hook in nic.hooks] == right["written"]["eno1"]["post-up"]
    for route in right["expected_routes"]:
        to = ipaddress.ip_network("0.0.0.0/0" if route["dst"] == "default" else route["dst"])
        assert (to, route["gateway"]) in [(one.to, str(one.via)) for one in routes_of(bridge)]
    refused = said(desired, found)
    assert all(topic in refused for topic in right["refuse_or_ask_topics"])
    calm = {MAIN: "".join(line for line in cases.files(case)[MAIN].splitlines(True) if "proxy_arp" not in line)}
    assert said(desired, observed(calm, "eno1")) == ""


@pytest.mark.parametrize("file", ["interfaces", "interfaces.pointopoint", "interfaces.wrong"])
def test_gateways(file: str) -> None:
    case = "gateway-outside-the-subnet"
    found = interfaces(read(cases.files(case, file), "ifupdown2"))
    refused = "\n".join(map(str, refuse_gateways(found, kernel())))
    topics = cases.right(case)["verdicts"][file].get("refusal_topics", [])
    assert all(topic in refused for topic in topics)
    assert bool(refused) == bool(topics)


def test_two_gateways_of_one_interface() -> None:
    text = "iface eno1 inet static\n\taddress 192.0.2.11/24\n\tgateway 192.0.2.1\n\tgateway 192.0.2.{}\n"
    once, twice = (interfaces(read({MAIN: text.format(last)}, "ifupdown2")) for last in (1, 2))
    assert list(refuse_gateways(once, kernel())) == []
    assert "eno1 has two gateways" in "\n".join(map(str, refuse_gateways(twice, kernel())))


def test_a_host_address_is_one_in_both_spellings() -> None:
    case = "gateway-outside-the-subnet"
    one, other = (
        interfaces(read(cases.files(case, file), "ifupdown2")) for file in ("interfaces", "interfaces.pointopoint")
    )
    assert one["vmbr0"].addresses[:1] == other["vmbr0"].addresses
    assert one["vmbr0"].gateways[:1] == other["vmbr0"].gateways


def test_a_member_that_is_missing() -> None:
    case = "bond-members-by-bond-master"
    found = interfaces(read(cases.files(case), "ifupdown"))
    whole, lacking = (
        Kernel(parse_links(cases.data(case, file))) for file in ("ip-link.json", "ip-link-one-missing.json")
    )
    assert list(refuse_stack(found, ("bond0",), whole)) == []
    refused = "\n".join(map(str, refuse_stack(found, ("bond0",), lacking)))
    assert all(topic in refused for topic in cases.right(case)["with_ip_link_one_missing"]["topics"])


def test_an_id_of_netplan_is_no_name() -> None:
    case, right = "netplan-id-is-no-name", cases.right("netplan-id-is-no-name")
    links = parse_links(cases.data(case, "ip-link.json"))
    address = ipaddress.ip_interface("192.0.2.11/24")
    links["lan0"] = replace(links["lan0"], addresses=(address,))
    front = Netplan("front", ("lan0",), dns=("192.0.2.53",), search=("example.org",), addresses=(str(address),))
    back = Netplan("back", ("enp2s0f0", "enp2s0f1"), pattern="enp2s0*", addresses=("10.10.1.11/24",))
    desired = wanted({"name": "vmbr0", "type": "bridge", "ports": ["lan0"], "take_over": "lan0"})
    found = observed({}, program="ifupdown2", kernel=Kernel(links), netplan=(front, back))
    refused = said(desired, found)
    assert all(topic in refused for topic in right["refusal_topics"])
    solved = replace(found, netplan=(front,))
    assert said(desired, solved) == ""
    bridge, told = new_of("vmbr0", target(desired, solved)), right["after_back_is_solved"]["vmbr0"]
    assert [str(one) for one in bridge.addresses] == told["address"] and bridge.mac == told["hwaddress"]
    assert list(bridge.dns) == told["dns"] and list(bridge.search) == told["search"]
    assert not any(word in target(desired, solved).files[MAIN] for word in right["never"])
    kept = replace(solved, netplan=(replace(front, renamed=True),))
    change = change_of(desired, kept, target(desired, kept))
    assert change and said(desired, kept) == ""
    files = {file.path: file.text or "" for file in change.files}
    (pin,) = pins_of({KEEPS_NAME.format("lan0"): files[KEEPS_NAME.format("lan0")]})
    ports = right["after_back_is_solved"]["port_of_vmbr0"]["one_of"]
    ours = next(one["needs"] for one in ports if one["name"] == pin.name)
    assert pin.mac in ours, "and it is the name that the bridge's port has after the boot"
    held = replace(kept, pins=(pin,))
    again = change_of(desired, held, target(desired, held))
    assert again and KEEPS_NAME.format("lan0") not in [file.path for file in again.files]


def test_an_included_stanza_keeps_the_address_on_the_port() -> None:
    case, right = "two-managers-one-nic", cases.right("two-managers-one-nic")["a"]
    found = observed(cases.files(case), "eno1", program="ifupdown2")
    refused = said(wanted({"name": "vmbr1", "type": "bridge"}), found)
    assert all(topic in refused for topic in right["refuse_or_fix_topics"])


def test_an_address_that_is_written_nowhere_would_be_on_a_port() -> None:
    address, by_router = ipaddress.ip_interface("192.0.2.11/24"), ipaddress.ip_interface("2001:db8::11/64")
    nic = Link("eno1", carrier=True, addresses=(address, by_router), expiring=(by_router,))
    bridge = {"name": "vmbr0", "type": "bridge", "ports": ["eno1"]}
    found = observed({MAIN: ""}, program="ifupdown2", kernel=Kernel({"eno1": nic}))
    assert "nobody would have this address" in said(wanted(bridge), found)
    for calm in ({**bridge, "addresses": ["192.0.2.11/24"]}, {**bridge, "addresses": []}):
        assert said(wanted(calm), found) == ""
    routers = replace(nic, addresses=(by_router,))
    assert said(wanted(bridge), replace(found, kernel=Kernel({"eno1": routers}))) == ""
    assert (
        said(wanted(BRIDGE), replace(found, kernel=Kernel({"eno1": replace(nic, expiring=(), addresses=(address,))})))
        == ""
    )


def test_systemd_networkd_has_the_address_by_dhcp() -> None:
    case, right = "two-managers-one-nic", cases.right("two-managers-one-nic")["b"]
    links = Kernel(parse_links(cases.data(case, "networkd/ip-link.json")))
    paths = [f"/etc/systemd/network/{name}" for name in ("05-all.network", "10-main.network")]
    (unit,) = units_of({path: cases.text(case, f"networkd{path}") for path in paths}, links.links)
    assert (unit.link, unit.effective, list(unit.shadowed)) == ("eno1", right["effective_file"], right["shadowed"])
    assert unit.dhcp == right["dhcp"]
    main = {MAIN: cases.text(case, "networkd/interfaces")}
    refused = said(wanted(BRIDGE), observed(main, kernel=links, networkd=(unit,)))
    assert all(topic in refused for topic in right["refusal_topics"])


def test_more_tags_than_the_card_filters() -> None:
    case, right = "vlan-range-larger-than-the-nic", cases.right("vlan-range-larger-than-the-nic")
    found = interfaces(read(cases.files(case), "ifupdown2"))
    links = {"enp65s0np0": Link("enp65s0np0", driver="mlx5_core", filters_vlans=True)}
    warned = "\n".join(warn_of_filters(found, Kernel(links)))
    assert all(topic in warned for topic in right["warnings"])
    off = {"enp65s0np0": replace(links["enp65s0np0"], filters_vlans=False)}
    assert list(warn_of_filters(found, Kernel(off))) == []
    present = parse_vlans(cases.data(case, "bridge-vlan.json"))
    assert present["enp65s0np0"] == tuple(range(1, 513)) and present["vmbr0"] == (1,)


def test_hooks_that_a_reload_would_run_again() -> None:
    case, right = "hooks-run-again-at-every-reload", cases.right("hooks-run-again-at-every-reload")
    found = observed(cases.files(case, "interfaces.before"), "eno2", program="ifupdown2")
    seen = target(wanted({"name": "eno2", "type": "physical", "mtu": 1300}), found)
    assert list(seen.changed) == right["changed"]
    warned = "\n".join(warn_of_network(found, seen))
    assert all(topic in warned for topic in right["warning_topics"])
    calm = target(wanted({"name": "eno2", "type": "physical", "mtu": 1400}), found)
    assert calm.changed == () and calm.files == found.files and list(warn_of_network(found, calm)) == []


def test_the_root_disk_is_behind_the_interface() -> None:
    case, right = "root-disk-over-the-nic", cases.right("root-disk-over-the-nic")
    root = Use("eno1", "the root file system (iSCSI, iqn.2020-01.org.example:pve1)", "root")
    found = observed(cases.files(case), "eno1", "eno2", program="ifupdown2", uses=(root,))
    desired = wanted(*cases.declared(case))
    refused = said(desired, found)
    assert all(topic in refused for topic in right["refusal_topics"])
    assert any("no-auto-down" in warning for warning in warn_of_network(found, target(desired, found)))
    allowed = wanted(cases.declared(case)[0])
    assert said(allowed, found) == "" and target(allowed, found).changed == ("eno2", "vmbr0")


def test_a_conversion_that_loses_something() -> None:
    refused = said(wanted(BRIDGE), observed(cases.files("backslash-swallows-a-line"), "eno1", "eno2", "eno3"))
    assert "eno3: up" in refused and "backslash" in refused


def test_a_staged_change_of_the_web_interface() -> None:
    found = observed({MAIN: ""}, "eno1", staged="auto lo\n")
    assert STAGED in said(wanted(), found)


DEBIAN = (
    "auto lo\niface lo inet loopback\n\nallow-hotplug eno1\n"
    "iface eno1 inet static\n\taddress 192.0.2.11/24\n\tgateway 192.0.2.1\n"
)


@pytest.mark.parametrize("program", ["ifupdown", "ifupdown2", None])
def test_the_second_time_nothing_is_left(program: Optional[Program]) -> None:
    address = ipaddress.ip_interface("192.0.2.11/24")
    links = {"eno1": Link("eno1", mac="02:00:00:00:00:01", up=True, carrier=True, addresses=(address,))}
    found = ObservedNetwork(program, {MAIN: DEBIAN if program else ""}, kernel=Kernel(links))
    first = target(wanted(BRIDGE), found)
    assert [str(one) for one in first.after["vmbr0"].addresses] == ["192.0.2.11/24"]
    assert refuse_network(wanted(BRIDGE), found, first) == ()
    port = replace(links["eno1"], master="vmbr0", addresses=())
    bridge = Link("vmbr0", mac="02:00:00:00:00:01", addresses=(address,))
    again = ObservedNetwork("ifupdown2", first.files, kernel=Kernel({"eno1": port, "vmbr0": bridge}))
    assert target(wanted(BRIDGE), again).changed == ()
    assert target(wanted(BRIDGE), again).files == first.files


TAKEN = wanted(BRIDGE)


def seen_from(**more: Any) -> ObservedNetwork:
    return observed({MAIN: DEBIAN.replace("allow-hotplug", "auto")}, "eno1", program="ifupdown2", **more)


def test_no_cable_and_no_partner() -> None:
    dead = Link("eno1", mac="02:00:00:00:00:01", up=True, carrier=False)
    assert "eno1 has no carrier" in said(TAKEN, seen_from(kernel=Kernel({"eno1": dead})))
    assert said(TAKEN, seen_from(kernel=Kernel({"eno1": replace(dead, up=False)}))) == "", (
        "nobody has asked for one yet"
    )
    bond = {"name": "bond0", "type": "bond", "members": ["eno1"], "mode": "802.3ad", "take_over": "eno1"}
    assert "nobody answers" in said(wanted(bond), seen_from(alone=frozenset(["bond0"])))
    assert said(wanted(bond), seen_from()) == ""


def test_a_port_of_open_vswitch_stays_there() -> None:
    text = (
        "auto eno1\niface eno1 inet manual\n\tovs_type OVSPort\n\tovs_bridge vmbr0\n\n"
        "auto vmbr0\niface vmbr0 inet static\n\taddress 192.0.2.11/24\n\tovs_type OVSBridge\n\tovs_ports eno1\n"
    )
    found = observed({MAIN: text}, "eno1", "eno2", program="ifupdown2", ovs=True)
    stolen = {"name": "vmbr1", "type": "bridge", "ports": ["eno1"]}
    assert "eno1 belongs to Open vSwitch, and would be in vmbr1 as well." in said(wanted(stolen), found)
    other = {"name": "vmbr1", "type": "bridge", "ports": ["eno2"]}
    assert said(wanted(other), found) == ""
    assert text in target(wanted(other), found).files[MAIN], "byte for byte"
    member = replace(found.kernel.links["eno2"], master="ovs-system")
    bonded = replace(found, kernel=Kernel({**found.kernel.links, "eno2": member}))
    assert "eno2 belongs to Open vSwitch" in said(wanted(other), bonded)
    assert "vmbr0 cannot be written" in said(wanted({**other, "name": "vmbr0"}), found)


def test_a_vlan_that_somebody_has_put_on_a_port_is_not_hidden_from_guests() -> None:
    text = "iface eno1 inet manual\n\nauto eno1.40\niface eno1.40 inet static\n\taddress 10.9.9.1/24\n"
    aware = {"name": "vmbr1", "type": "bridge", "ports": ["eno1"], "vlan_aware": True}
    found = observed({MAIN: text}, "eno1", program="ifupdown2")
    assert "eno1.40 takes VLAN 40 from eno1, a port of the VLAN-aware vmbr1" in said(wanted(aware), found)
    assert said(wanted({**aware, "vlan_aware": False}), found) == ""


def test_what_somebody_stands_on_does_not_go_alone() -> None:
    text = "iface vmbr1 inet manual\n\tbridge-ports eno1\n\niface vmbr1.40 inet static\n\taddress 10.9.9.1/24\n"
    found = observed({MAIN: text}, "eno1", program="ifupdown2")
    gone: dict[str, Any] = {"name": "vmbr1", "type": "bridge", "state": "absent"}
    assert "vmbr1.40 stands on vmbr1, which would go." in said(wanted(gone), found)
    assert said(wanted(gone, {"name": "vmbr1.40", "type": "vlan", "state": "absent"}), found) == ""
    port = "iface eno1.40 inet manual\n\niface vmbr1 inet manual\n\tbridge-ports eno1.40\n"
    by_name = wanted({"name": "eno1.40", "type": "vlan", "state": "absent"})
    assert said(by_name, observed({MAIN: port}, "eno1", program="ifupdown2")) == "", "ifupdown2 makes it by its name"


def test_a_bond_gives_its_members_its_mtu() -> None:
    bond = {"name": "bond0", "type": "bond", "members": ["eno1"], "mtu": 9000}
    text = "iface eno1 inet manual\n"
    assert said(wanted(bond), observed({MAIN: text}, "eno1", program="ifupdown2")) == ""
    smaller = observed({MAIN: f"{text}\tmtu 4000\n"}, "eno1", program="ifupdown2")
    assert "MTU 9000 is larger than the 4000 of eno1" in said(wanted(bond), smaller)
    over = [bond, {"name": "vmbr1", "type": "bridge", "ports": ["bond0"], "mtu": 9000}]
    assert said(wanted(*over), observed({MAIN: text}, "eno1", program="ifupdown2")) == ""


def test_a_tag_that_makes_a_long_name() -> None:
    guest = Use("vmbr0", "VM 101", "guest", tag=1200)
    long = {"name": "vmbr0", "type": "bridge", "ports": ["enp65s0f0np0"], "mtu": 1400}
    found = observed({MAIN: ""}, "enp65s0f0np0", program="ifupdown2", uses=(guest,))
    assert "enp65s0f0np0.1200" in said(wanted(long), found)
    assert said(wanted({**long, "vlan_aware": True}), found) == ""


def test_a_bridge_of_guests_and_an_address_of_the_cluster_would_go() -> None:
    text = "auto vmbr1\niface vmbr1 inet static\n\taddress 10.10.1.11/24\n\tbridge-ports none\n"
    guest, link = Use("vmbr1", "VM 101", "guest"), Use("vmbr1", "link0 of the cluster", "corosync", "10.10.1.11")
    gone = wanted({"name": "vmbr1", "type": "bridge", "state": "absent"})
    other = wanted({"name": "vmbr1", "type": "bridge", "addresses": ["10.10.1.99/24"]})
    assert "VM 101" in said(gone, observed({MAIN: text}, program="ifupdown2", uses=(guest,)))
    for desired in (gone, other):
        assert "link0 of the cluster" in said(desired, observed({MAIN: text}, program="ifupdown2", uses=(link,)))
    assert said(gone, observed({MAIN: text}, program="ifupdown2")) == ""


def test_a_script_and_a_template_are_not_copied() -> None:
    assert "mapping" in said(wanted(), observed({MAIN: "mapping eth*\n script /bin/x\n"}))
    assert "Mako" in said(wanted(), observed({MAIN: "% for i in x:\n"}, program="ifupdown2"))
    assert f"{MAIN}, line 1: unknown or no address type" in said(wanted(), observed({MAIN: "iface eno1\n"}))
    assert "several folders" in said(wanted(), observed({MAIN: "source /etc/network/*.d/eno1\n"}))
    assert said(wanted(), observed({MAIN: "source /etc/network/interfaces.d/*\n"})) == ""


@pytest.mark.parametrize(
    "text",
    ["iface eno1 inet \\\nmanual\n", "# end \\\n", "iface eno1 inet static\n\tbridge-ports none\n"],
    ids=["in a header", "at the end of the file", "another type"],
)
def test_what_is_written_is_what_ifupdown2_reads(text: str) -> None:
    desired = wanted({"name": "eno1", "type": "physical", "mtu": 1400})
    assert "eno1 cannot be written" in said(desired, observed({MAIN: text}, "eno1", program="ifupdown2"))
    calm = text.replace("\\\n", "").replace("end ", "end\n").replace("\tbridge-ports none\n", "")
    assert said(desired, observed({MAIN: calm}, "eno1", program="ifupdown2")) == ""


def test_a_file_that_nobody_reads_comes_alive() -> None:
    main = DEBIAN + "\nauto eno2\niface eno2 inet static\n\taddress 192.0.2.99/24\n"
    address = ipaddress.ip_interface("192.0.2.11/24")
    links = Kernel({**kernel("eno1", "eno2").links, "eno1": Link("eno1", carrier=True, addresses=(address,))})
    found = observed({MAIN: main}, kernel=links, managers={"eno1": "systemd-networkd"})
    refused = said(TAKEN, found)
    assert "eno2 would come alive with 192.0.2.99/24" in refused and "eno1 would" not in refused
    assert said(TAKEN, replace(found, managers={"eno1": "ifupdown"})) == ""


def test_a_node_without_a_file_gets_a_whole_one() -> None:
    address = ipaddress.ip_interface("192.0.2.11/24")
    links = Kernel({"eno1": Link("eno1", mac="02:00:00:00:00:01", carrier=True, addresses=(address,))})
    text = target(TAKEN, ObservedNetwork(None, {}, kernel=links)).files[MAIN]
    assert text == (
        "auto lo\niface lo inet loopback\n\nsource /etc/network/interfaces.d/sdn\n\n"
        "auto eno1\niface eno1 inet manual\n\n"
        "auto vmbr0\niface vmbr0 inet static\n\taddress 192.0.2.11/24\n\tbridge-ports eno1\n\tbridge-stp off\n"
        "\tbridge-fd 0\n\thwaddress 02:00:00:00:00:01\n"
    )


def test_somebody_else_has_the_address() -> None:
    refused = said(TAKEN, seen_from(strangers=(Stranger("192.0.2.11", "eno1", "02:00:00:00:00:77"),)))
    assert "02:00:00:00:00:77 has 192.0.2.11 already" in refused


def test_a_dhcp_client_runs_though_the_file_says_static() -> None:
    assert "by DHCP, for a time" in said(TAKEN, seen_from(managers={"eno1": "dhclient"}))
    named = wanted({**BRIDGE, "addresses": ["192.0.2.11/24"], "gateway": "192.0.2.1"})
    assert said(named, seen_from(managers={"eno1": "dhclient"})) == ""
