"""networkd: which file counts for a link, and what netplan has made of its own."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Link
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import Pin
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.networkd import (
    netplan_of,
    pins_of_udev,
    units_of,
)

ETC, RUN = "/etc/systemd/network", "/run/systemd/network"
ENO1 = Link("eno1", mac="02:00:00:00:00:01", alternatives=("enp1s0",))


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("Name=en*", True),
        ("Name=eth* enp1s0", True),
        ("Name=!eno1", False),
        ("Name=!eth*", True),
        ("MACAddress=02:00:00:00:00:01", True),
        ("MACAddress=02-00-00-00-00-01", True),
        ("PermanentMACAddress=02:00:00:00:00:02", False),
        ("Type=ether\nName=eno1", True),
        ("Type=bridge", False),
        ("Name=eno1\nMACAddress=02:00:00:00:00:09", False),
        ("Name=eno1\nName=", False),
        ("", False),
    ],
)
def test_match(match: str, fits: bool) -> None:
    found = units_of({f"{ETC}/a.network": f"[Match]\n{match}\n[Network]\nDHCP=no\n"}, {"eno1": ENO1})
    assert bool(found) == fits


def test_the_first_name_counts_wherever_it_lies_and_drop_ins_are_added() -> None:
    unit = "[Match]\nName=eno1\n[Network]\nDHCP={}\n"
    files = {
        f"{ETC}/20-b.network": unit.format("ipv6"),
        f"{RUN}/10-a.network": unit.format("no"),
        f"{RUN}/20-b.network": unit.format("no"),
        f"{ETC}/10-a.network.d/dhcp.conf": "[Network]\nDHCP=ipv4\n",
    }
    (found,) = units_of(files, {"eno1": ENO1})
    assert (found.effective, found.shadowed, found.dhcp) == ("10-a.network", ("20-b.network",), True)
    (found,) = units_of({**files, f"{ETC}/10-a.network": ""}, {"eno1": ENO1})
    assert (found.effective, found.dhcp) == ("20-b.network", True)


def test_netplan() -> None:
    files = {
        f"{RUN}/10-netplan-front.link": "[Match]\nPermanentMACAddress=02:00:00:00:00:01\n\n[Link]\nName=lan0\n",
        f"{RUN}/10-netplan-front.network": "[Match]\nPermanentMACAddress=02:00:00:00:00:01\nName=lan0\n\n[Network]\n"
        "LinkLocalAddressing=ipv6\nAddress=192.0.2.11/24\nDNS=192.0.2.53\nDomains=example.org\n",
        f"{RUN}/10-netplan-back.network": "[Match]\nName=enp2s0*\n\n[Network]\nAddress=10.10.1.11/24\n",
    }
    links = {"lan0": Link("lan0", mac="02:00:00:00:00:01"), "enp2s0f0": Link("enp2s0f0"), "enp2s0f1": Link("enp2s0f1")}
    back, front = netplan_of(files, links)
    assert (front.label, front.names, front.renamed) == ("front", ("lan0",), True)
    assert (front.addresses, front.dns, front.search) == (("192.0.2.11/24",), ("192.0.2.53",), ("example.org",))
    assert (back.names, back.pattern) == (("enp2s0f0", "enp2s0f1"), "enp2s0*")


def test_names_that_a_rule_of_udev_keeps() -> None:
    text = (
        "# PCI device 0x8086:0x1521 (igb)\n"
        '#SUBSYSTEM=="net", ATTR{address}=="02:00:00:00:00:09", NAME="eth9"\n'
        'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="02:00:00:00:00:AA", ATTR{type}=="1",'
        ' KERNEL=="eth*", NAME="eth0"\n'
        'SUBSYSTEM=="net", ATTR{address}=="02:00:00:00:00:bb", RUN+="/bin/true"\n'
    )
    assert list(pins_of_udev(text, "/x")) == [Pin("eth0", "02:00:00:00:00:aa", "/x")]
