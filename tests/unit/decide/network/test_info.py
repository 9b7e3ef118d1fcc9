"""info: what is told can be declared as it is, and changes nothing then."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.info import describe
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link, Use
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, STAGED
from ansible_collections.baremetal.virt.plugins.modules.network_info import INQUIRY
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

from ...observe.network.test_network import node

TEXT = """\
auto lo
iface lo inet loopback

iface eno1 inet manual
iface eno2 inet manual

auto bond0
iface bond0 inet manual
\tbond-slaves eno1 eno2
\tbond-mode 4
\tbond-lacp-rate 1
\tmtu 9000

auto vmbr0
iface vmbr0 inet static
\taddress 192.0.2.11
\tnetmask 255.255.255.0
\tgateway 192.0.2.1
\tbridge_ports bond0
\tbridge-vlan-aware yes
\tbridge-vids 5 2-4
\tup route add -net 10.9.0.0/16 gw 192.0.2.254

iface vmbr0 inet6 static
\taddress 2001:db8::11/64
\tgateway fe80::1

auto storage
iface storage inet static
\taddress 10.10.2.11/24
\tvlan-raw-device bond0
\tvlan-id 40
# Ceph
"""


def test_in_the_form_in_which_it_is_declared() -> None:
    told = {one["name"]: one for one in describe(ObservedNetwork("ifupdown2", {MAIN: TEXT}))["interfaces"]}
    assert told["eno1"] == {"name": "eno1", "type": "physical", "auto": False}
    assert told["bond0"] == {
        "name": "bond0",
        "type": "bond",
        "members": ["eno1", "eno2"],
        "mode": "802.3ad",
        "lacp_rate": "fast",
        "mtu": 9000,
    }
    assert told["vmbr0"] == {
        "name": "vmbr0",
        "type": "bridge",
        "addresses": ["192.0.2.11/24", "2001:db8::11/64"],
        "gateway": "192.0.2.1",
        "gateway6": "fe80::1",
        "routes": [{"to": "10.9.0.0/16", "via": "192.0.2.254"}],
        "ports": ["bond0"],
        "vlan_aware": True,
        "vids": "2-5",
    }
    storage = {"below": "bond0", "tag": 40, "addresses": ["10.10.2.11/24"], "comment": "Ceph"}
    assert told["storage"] == {"name": "storage", "type": "vlan", **storage}


@pytest.mark.parametrize(
    "files",
    [
        {
            MAIN: TEXT.replace("auto storage", "# x\nauto storage").replace(
                "bridge-vlan-aware yes\n\tbridge-vids 5 2-4\n", ""
            )
        },
        cases.files("gateway-outside-the-subnet"),
        cases.files("hooks-run-again-at-every-reload", "interfaces.before"),
        cases.files("bond-members-by-bond-master"),
    ],
    ids=["all kinds", "gateways", "hooks", "bond"],
)
def test_what_is_told_declared_again_changes_nothing(files: dict[str, str]) -> None:
    observed = ObservedNetwork("ifupdown2", files)
    given = describe(observed)["interfaces"]
    given = [one for one in given if one.get("members") != []]
    desired = desired_from({"interfaces": given, "allow_dhcp": False, "timeout": 60})
    assert target(desired, observed).files == files


def test_doubts() -> None:
    links = {"eno3": Link("eno3")}
    told = describe(ObservedNetwork("ifupdown", cases.files("backslash-swallows-a-line"), kernel=Kernel(links)))
    assert "ifupdown2 would read it otherwise: eno3: gateway is lost." in told["doubts"]
    assert "No other spelling of it means the same to ifupdown2: eno3: up changes." in told["doubts"]
    assert any("eno1, on which vmbr1 stands, is not there" in doubt for doubt in told["doubts"])
    text = "auto eno3\niface eno3 inet static\n\taddress 192.0.2.1/24 # office\nno-auto-down eno3\n"
    told = describe(ObservedNetwork("ifupdown2", {MAIN: text}, kernel=Kernel(links)))
    assert told["doubts"] == ["eno3: no program understands 'address 192.0.2.1/24 # office'."]
    told = describe(ObservedNetwork("ifupdown2", {MAIN: "no-auto-down eno3\n"}))
    assert told["doubts"] == [f"{MAIN}, line 1: error processing line 'no-auto-down eno3'."]


def test_the_whole_answer_of_a_node() -> None:
    one = node(
        **{MAIN: "auto vmbr0\niface vmbr0 inet static\n\taddress 192.0.2.11/24\n\tbridge-ports eno1\n", STAGED: ""}
    )
    told = INQUIRY.answer(one, {})
    assert (told["node"], told["program"], told["files"], told["staged"]) == ("pve1", "ifupdown2-3.0", [MAIN], True)
    assert told["interfaces"][0]["ports"] == ["eno1"] and told["doubts"] == [] and told["others"] == []
    port = next(link for link in told["links"] if link["name"] == "eno1")
    assert (port["master"], port["carrier"], port["mac"]) == ("vmbr0", True, "02:00:00:00:00:01")
    assert {"to": "0.0.0.0/0", "via": "192.0.2.1", "interface": "vmbr0"} in told["routes"]


def test_who_needs_it_is_told() -> None:
    told = describe(ObservedNetwork(None, uses=(Use("vmbr0", "VM 101", "guest"),)))
    assert told["uses"] == [{"interface": "vmbr0", "by": "VM 101"}] and told["program"] is None
