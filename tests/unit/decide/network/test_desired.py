"""desired: what contradicts itself is invalid before a node is looked at."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import DesiredNetwork


def wanted(*given: dict[str, Any]) -> DesiredNetwork:
    return desired_from({"interfaces": list(given), "allow_dhcp": False, "timeout": 60})


def nic(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "physical", **more}


def bridge(name: str, *ports: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "bridge", "ports": list(ports), **more}


def bond(name: str, *members: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "bond", "members": list(members), **more}


def vlan(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "vlan", **more}


WRONG = {
    "a long name": ([bridge("vmbr0123456789ab")], "16 characters"),
    "a name of Proxmox VE's own": ([bridge("vmbr0v5")], "uses names"),
    "a name with a dash": ([bridge("vm-br")], "no name that Proxmox VE takes"),
    "a bond of another name": ([bond("lag0", "eno1")], "knows them by their name"),
    "twice": ([nic("eno1"), nic("eno1")], "declared twice"),
    "a member in two bonds": ([bond("bond0", "eno1"), bond("bond1", "eno1")], "is in bond0 and in bond1"),
    "a port in a bond and a bridge": ([bond("bond0", "eno1"), bridge("vmbr0", "eno1")], "is in bond0 and in vmbr0"),
    "a member named twice": ([bond("bond0", "eno1", "eno1")], "is in bond0 and in bond0"),
    "itself": ([bridge("vmbr0", "vmbr0")], "stands on itself"),
    "no members": ([bond("bond0")], "no members"),
    "an address on a port": ([nic("eno1", addresses=["192.0.2.1/24"]), bridge("vmbr0", "eno1")], "of its own"),
    "an address of two": (
        [nic("eno1", addresses=["192.0.2.1/24"]), nic("eno2", addresses=["192.0.2.1/25"])],
        "declared for eno1 and again for eno2",
    ),
    "an address without a prefix": ([nic("eno1", addresses=["192.0.2.1"])], "no length"),
    "no address": ([nic("eno1", addresses=["192.0.2.300/24"])], "192.0.2.300"),
    "two gateways": ([nic("eno1", gateway="192.0.2.1"), nic("eno2", gateway="192.0.2.2")], "the same metric"),
    "a gateway of the other family": ([nic("eno1", gateway="fe80::1")], "of IPv6"),
    "a large MTU": ([nic("eno1", mtu=1500), bridge("vmbr0", "eno1", mtu=9000)], "larger than the 1500"),
    "an MTU that is none": ([nic("eno1", mtu=68)], "not between"),
    "a VLAN beside a filter": ([bridge("vmbr0", "eno1", vlan_aware=True), vlan("eno1.40")], "never see it"),
    "two tags": ([vlan("eno1.40", tag=41)], "something else"),
    "a tag that is none": ([vlan("eno1.4095")], "not between 1 and 4094"),
    "a VLAN of nothing": ([vlan("storage", tag=4)], "missing"),
    "tags without a filter": ([bridge("vmbr0", vids="2-10")], "knows of VLANs"),
    "tags that are none": ([bridge("vmbr0", vlan_aware=True, vids="2-5000")], "between 1 and 4094"),
    "a word among tags": ([bridge("vmbr0", vlan_aware=True, vids="2-100 3oo")], "'2-100 3oo' are no tags"),
    "tags backwards": ([bridge("vmbr0", vlan_aware=True, vids="5 100-2")], "between 1 and 4094"),
    "far too many tags": ([bridge("vmbr0", vlan_aware=True, vids="2-4000000000")], "between 1 and 4094"),
    "a policy of no use": ([bond("bond0", "eno1", mode="active-backup", hash_policy="layer3+4")], "no use for"),
    "LACP in another mode": ([bond("bond0", "eno1", mode="balance-xor", lacp_rate="fast")], "speaks LACP"),
    "a primary that is no member": ([bond("bond0", "eno1", primary="eno2")], "cannot be primary"),
    "an option of another kind": ([nic("eno1", vlan_aware=True)], "an option of a bridge"),
    "a route with host bits": ([nic("eno1", routes=[{"to": "10.0.0.1/8"}])], "host bits"),
    "a comment that continues": ([nic("eno1", comment="the share \\")], "backslash"),
    "a comment of two lines": ([nic("eno1", comment="the share\rup reboot")], "one line"),
    "a port of no Open vSwitch": ([{"name": "vlan50", "type": "ovs_port", "tag": 50}], "Open vSwitch is missing"),
    "a device in two switches": (
        [{"name": "vmbr0", "type": "ovs_bridge", "ports": ["eno1"]}, bridge("vmbr1", "eno1")],
        "is in vmbr0 and in vmbr1",
    ),
    "an address below Open vSwitch": (
        [{"name": "vmbr0", "type": "ovs_bridge", "ports": ["eno1"]}, nic("eno1", addresses=["192.0.2.1/24"])],
        "of its own",
    ),
    "no MAC": ([nic("eno1", mac="02:00")], "no MAC"),
    "no PCI path": ([nic("eno1", pci="3:0.0")], "no PCI path"),
}  # fmt: skip


@pytest.mark.parametrize("title", WRONG)
def test_invalid(title: str) -> None:
    given, words = WRONG[title]
    with pytest.raises(Invalid, match=words):
        wanted(*given)


def test_what_providers_and_spares_need_is_valid() -> None:
    found = wanted(
        nic("eno1", addresses=["198.51.100.22/32", "2001:db8:22::2/128"], gateway="203.0.113.1", gateway6="fe80::1"),
        nic("eno2", addresses=["192.0.2.22/24"], gateway="192.0.2.1", metric=100),
        bond("bond0", "eno3", "eno4", mode="802.3ad", hash_policy="layer3+4", lacp_rate="fast", mtu=9000),
        vlan("bond0.40", mtu=9000),
        bridge("vmbr1"),
        vlan("storage", below="eno5", tag=7),
    )
    assert [one.name for one in found.interfaces] == ["eno1", "eno2", "bond0", "bond0.40", "vmbr1", "storage"]
    vlan_of_bond = found.interfaces[3].vlan
    assert vlan_of_bond is not None and (vlan_of_bond.below, vlan_of_bond.tag) == ("bond0", 40)
    assert [gateway.metric for one in found.interfaces for gateway in one.gateways or ()] == [0, 0, 100]


def test_tags_have_one_spelling() -> None:
    found = wanted(bridge("vmbr0", vlan_aware=True, vids="5,2-4 7"), bridge("vmbr1", vlan_aware=True))
    assert [one.bridge.vids for one in found.interfaces if one.bridge] == ["2-5 7", "2-4094"]


def test_what_is_to_go_needs_no_more_than_its_name_and_keeps_nothing() -> None:
    """What it was declared with may stay, and its ports are free."""
    gone = bond("bond0", "eno1", "eno2", addresses=["192.0.2.11/24"], state="absent")
    found = wanted(gone, {"name": "bond1", "type": "bond", "state": "absent"}, bridge("vmbr0", "eno1"))
    assert [(one.name, one.absent, one.lower) for one in found.interfaces] == [
        ("bond0", True, ()),
        ("bond1", True, ()),
        ("vmbr0", False, ("eno1",)),
    ]
