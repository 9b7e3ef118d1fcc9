"""Names of cards: those that the next boot gives, those that the next kernel may change, and rules that go by them."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.warnings import warn_of_network
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel, Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import Pin, Rule

from .test_cases import TAKEN, said, seen_from, wanted


def test_a_name_that_the_next_boot_gives() -> None:
    pin = Pin("nic0", "02:00:00:00:00:01", "/usr/local/lib/systemd/network/50-pmx-nic0.link")
    assert "will be called nic0" in said(TAKEN, seen_from(pins=(pin,)))
    assert said(TAKEN, seen_from(pins=(replace(pin, name="eno1"),))) == ""
    card = Kernel({"eno1": Link("eno1", mac="02:00:00:00:00:01", carrier=True, pci="0000:01:00.0")})
    loose, held = seen_from(kernel=card), seen_from(kernel=card, pins=(replace(pin, name="eno1"),))
    assert any("next kernel may change" in one for one in warn_of_network(loose, target(TAKEN, loose)))
    assert not any("next kernel may change" in one for one in warn_of_network(held, target(TAKEN, held)))
    alone = wanted({"name": "eno1", "type": "physical", "mtu": 1400})
    assert any("10-eno1.link with the MACAddress 02:" in one for one in warn_of_network(loose, target(alone, loose)))


def test_what_is_staged_for_the_next_boot_is_not_to_be_applied() -> None:
    """Pinning names stages them as well; whoever applies that before the boot cuts the node off."""
    pin = Pin("nic0", "02:00:00:00:00:01", "/usr/local/lib/systemd/network/50-pmx-nic0.link")
    text = "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports nic0.40\n"
    refused = said(TAKEN, seen_from(pins=(pin,), staged=text))
    assert "Apply nothing on this node" in refused and "nobody has applied" not in refused
    assert "nobody has applied" in said(TAKEN, seen_from(pins=(pin,), staged="auto lo\n"))
    assert "nobody has applied" in said(TAKEN, seen_from(pins=(replace(pin, name="eno1"),), staged="auto eno1\n"))


def test_a_rule_for_the_interface_whose_address_moves() -> None:
    rule = Rule("/etc/pve/nodes/pve1/host.fw", "eno1", "IN ACCEPT -i eno1 -p tcp -dport 22")
    found = seen_from(rules=(rule, replace(rule, interface="eno2")))
    warned = [one for one in warn_of_network(found, target(TAKEN, found)) if "host.fw" in one]
    assert len(warned) == 1 and rule.text in warned[0]


def test_a_rule_for_a_name_that_changes() -> None:
    rule = Rule("/etc/pve/firewall/cluster.fw", "eno2", "IN ACCEPT -i eno2 -p tcp -dport 22")
    cards = {
        name: Link(name, mac=f"02:00:00:00:00:{name[-1]:0>2}", pci=f"0000:0{name[-1]}:00.0")
        for name in ("eno1", "eno2")
    }
    pin = Pin("nic1", "02:00:00:00:00:02", "/usr/local/lib/systemd/network/50-pmx-nic1.link")
    for pins, words in (((), "may change"), ((pin,), "to be called nic1"), ((replace(pin, name="eno2"),), "")):
        found = seen_from(kernel=Kernel(cards), rules=(rule,), pins=pins)
        warned = [one for one in warn_of_network(found, target(TAKEN, found)) if "cluster.fw" in one]
        assert len(warned) == (1 if words else 0) and all(words in one and rule.text in one for one in warned)
