"""Open vSwitch: what is written of a bridge and its ports, what is refused, and what its database has to say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.change import change_of
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.info import describe
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.proof import lacks
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.guarded_change import RELOAD
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link, Use
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN

from .test_cases import observed, said, wanted

LO = "auto lo\niface lo inet loopback\n"
BRIDGE = {"name": "vmbr2", "type": "ovs_bridge", "ports": ["eno1"]}
PORT = {"name": "storage", "type": "ovs_port", "below": "vmbr2", "tag": 50, "addresses": ["192.0.2.11/24"]}
WRITTEN = """
auto vmbr2
iface vmbr2 inet manual
	ovs_type OVSBridge
	ovs_ports eno1 storage

auto storage
iface storage inet static
	address 192.0.2.11/24
	ovs_type OVSIntPort
	ovs_bridge vmbr2
	ovs_options tag=50

auto eno1
iface eno1 inet manual
	ovs_type OVSPort
	ovs_bridge vmbr2
"""


def seen(text: str = LO, **more: Any) -> ObservedNetwork:
    return observed({MAIN: text}, "eno1", "eno2", program="ifupdown2", ovs=True, **more)


def test_bridge_and_ports_name_each_other() -> None:
    found = seen()
    made = target(wanted(BRIDGE, PORT), found)
    assert made.files[MAIN] == LO + WRITTEN
    assert said(wanted(BRIDGE, PORT), found) == ""
    change = change_of(wanted(BRIDGE, PORT), found, made)
    assert change is not None and change.activate == RELOAD
    again = seen(LO + WRITTEN)
    assert target(wanted(BRIDGE, PORT), again).changed == ()


def test_a_running_one_is_told_as_it_is_declared() -> None:
    told = describe(seen(LO + WRITTEN))
    bridge, port = told["interfaces"]
    assert bridge == {"name": "vmbr2", "type": "ovs_bridge", "ports": ["eno1", "storage"]}
    assert port == {**PORT, "addresses": ["192.0.2.11/24"]}
    assert told["others"] == ["eno1", "lo"]


def test_an_internal_port_that_only_its_bridge_names_stays_one() -> None:
    found, bridge = seen(LO + WRITTEN), {**BRIDGE, "ports": ["eno1", "storage"]}
    assert (target(wanted(bridge), found).changed, said(wanted(bridge), found)) == ((), "")
    more = seen(LO + WRITTEN.replace("eno1", "eno2"))
    assert target(wanted({**bridge, "ports": ["eno2", "storage", "eno1"]}), more).changed == ("vmbr2", "eno1")


def test_the_address_of_a_device_moves_to_its_bridge() -> None:
    text = f"{LO}\nauto eno1\niface eno1 inet static\n\taddress 192.0.2.11/24\n\tgateway 192.0.2.1\n"
    after = target(wanted({**BRIDGE, "take_over": "eno1"}), seen(text)).after
    assert [str(one) for one in after["vmbr2"].addresses] == ["192.0.2.11/24"] and not after["vmbr2"].mac
    assert after["eno1"].kind == "ovs_port" and not after["eno1"].has_address
    assert said(wanted({**BRIDGE, "take_over": "eno1"}), seen(text)) == ""
    assert "eno1 has an address on a bridge port" in said(wanted(BRIDGE), seen(text))


@pytest.mark.parametrize(
    ("given", "text", "words"),
    [
        ([BRIDGE], LO + WRITTEN.replace("eno1", "eno2"), "eno2 would still say that it is in vmbr2"),
        ([PORT], LO, "storage says that it is a port of vmbr2, which does not name it"),
        ([{**BRIDGE, "state": "absent"}], LO + WRITTEN, "storage stands on vmbr2, which would go."),
        ([{**BRIDGE, "state": "absent"}], LO + WRITTEN, "eno1 stands on vmbr2, which would go."),
        ([{**PORT, "state": "absent"}], LO + WRITTEN, "vmbr2 stands on storage, which would go."),
        ([{**BRIDGE, "ports": ["eno9"]}], LO, "eno9, on which vmbr2 stands, is not there"),
    ],
)
def test_refused(given: list[dict[str, Any]], text: str, words: str) -> None:
    assert words in said(wanted(*given), seen(text))


def test_guests_keep_a_way_out() -> None:
    """An internal port is none."""
    guests = seen(LO + WRITTEN, uses=(Use("vmbr2", "VM 101", "guest"),))
    free = {"name": "eno1", "type": "physical"}
    assert "vmbr2 would have no port any more, and VM 101" in said(wanted({**BRIDGE, "ports": []}, PORT, free), guests)
    assert said(wanted({**BRIDGE, "ports": ["eno2"]}, PORT, free), guests) == ""


def test_a_bridge_of_the_kernel_becomes_none_of_open_vswitch() -> None:
    """The lines of both would stand there, and the ports of running guests stay in neither."""
    text = f"{LO}\nauto vmbr2\niface vmbr2 inet manual\n\tbridge-ports eno1\n"
    assert "vmbr2 cannot be written so that ifupdown2 reads it as declared" in said(wanted(BRIDGE), seen(text))


def test_without_its_programs_nothing_is_begun() -> None:
    assert "Open vSwitch is not installed, and is to have vmbr2" in said(wanted(BRIDGE), replace(seen(), ovs=False))


def test_a_device_that_leaves_is_declared_as_what_it_is_then() -> None:
    moved = [{**BRIDGE, "ports": ["eno2"]}, PORT, {"name": "eno1", "type": "physical"}]
    assert said(wanted(*moved), seen(LO + WRITTEN)) == ""
    after = target(wanted(*moved), seen(LO + WRITTEN)).after
    assert (after["eno1"].kind, after["eno1"].ovs) == ("physical", None)


def test_what_the_kernel_and_the_database_lack() -> None:
    after = target(wanted(BRIDGE, PORT), seen()).after
    address = after["storage"].addresses
    links = {
        "eno1": Link("eno1", up=True, master="ovs-system"),
        "vmbr2": Link("vmbr2", up=True, kind="openvswitch"),
        "storage": Link("storage", up=True, kind="openvswitch", addresses=address),
    }
    whole = Kernel(links, tags={"storage": 50}, switched={"eno1": "vmbr2", "storage": "vmbr2"})
    assert list(lacks(after, whole)) == []
    assert list(lacks(after, replace(whole, tags={}))) == ["storage has the tag None, not 50."]
    loose = {**links, "eno1": replace(links["eno1"], master="")}
    assert list(lacks(after, replace(whole, links=loose))) == ["eno1 is not in vmbr2."]
    elsewhere = {"eno1": "vmbr3", "storage": "vmbr2"}
    assert list(lacks(after, replace(whole, switched=elsewhere))) == ["eno1 is not in vmbr2."]


def written(found: ObservedNetwork, *given: dict[str, Any]) -> list[str]:
    """The lines of the file; in which order those of one interface stand is nobody's business."""
    return sorted(target(wanted(*given), found).files[MAIN].splitlines())


OPTIONS = "vlan_mode=native-untagged -- set Interface storage mac_in_use=1"


def test_a_tag_leaves_the_other_options_of_a_port_alone() -> None:
    """Of its type, too; what is not of the same type any more has other ones."""
    text = LO + WRITTEN.replace("tag=50", f"tag=40 {OPTIONS}")
    assert written(seen(text), BRIDGE, PORT) == sorted(text.replace("tag=40", "tag=50").splitlines())
    again = seen(LO + WRITTEN.replace("tag=50", f"tag=50 {OPTIONS}"))
    assert target(wanted(BRIDGE, PORT), again).files[MAIN] == again.files[MAIN]
    without = {name: value for name, value in PORT.items() if name != "tag"}
    assert written(seen(text), BRIDGE, without) == sorted(text.replace("tag=40 ", "").splitlines())
    assert said(wanted(BRIDGE, PORT), seen(text)) == said(wanted(BRIDGE, without), seen(text)) == ""
    device = LO + WRITTEN.replace("OVSPort\n", "OVSBond\n\tovs_options lacp=active\n")
    assert "lacp" not in target(wanted(BRIDGE, PORT), seen(device)).files[MAIN]


def test_the_options_of_a_device_stay_and_its_tag() -> None:
    text = LO + WRITTEN.replace("OVSPort\n", "OVSPort\n\tovs_options tag=7 vlan_mode=native-tagged\n")
    assert target(wanted(BRIDGE, PORT), seen(text)).files[MAIN] == text
    more = {"name": "eno1", "type": "physical", "mtu": 9000}
    found = target(wanted({**BRIDGE}, PORT, more), seen(text)).after["eno1"]
    assert (found.ovs and found.ovs.options, found.mtu) == ("tag=7 vlan_mode=native-tagged", 9000)
    freed = wanted({**BRIDGE, "ports": ["eno2"]}, PORT, {"name": "eno1", "type": "physical"})
    assert "tag=7" not in target(freed, seen(text)).files[MAIN]
