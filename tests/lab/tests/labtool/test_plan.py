"""Addresses, names, sizes: what a lab looks like before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from labtool import addresses, settings
from labtool.disks import Disk, device_links, disks_json, serial
from labtool.settings import Lab, LabError


def test_every_node_has_its_number_on_both_networks() -> None:
    assert [link.address(7) for link in addresses.LINKS] == ["10.10.1.17", "10.10.2.17"]
    assert addresses.node_number("pve7") == 7


@pytest.mark.parametrize("name", ["pve0", "pve8", "pve", "node1", "pve1x"])
def test_other_names_are_no_nodes(name: str) -> None:
    with pytest.raises(ValueError, match="no such node"):
        addresses.node_number(name)


def test_own_name_resolves_to_the_real_address_and_never_to_loopback() -> None:
    lines = [line.split() for line in addresses.hosts_file().splitlines()]
    resolved = {name: words[0] for words in lines for name in words[1:]}
    assert resolved["pve1"] == "10.10.1.11"
    assert [words for words in lines if words[0].startswith("127.")] == [["127.0.0.1", "localhost"]]


def test_interfaces_file_states_what_the_lab_has_set() -> None:
    text = addresses.interfaces_file(3)
    assert "iface eno1 inet static\n\taddress 10.10.1.13/24" in text
    assert "iface eno2 inet static\n\taddress 10.10.2.13/24" in text


def test_a_node_that_sets_up_its_network_itself_has_two_more_cables_and_a_gateway() -> None:
    lab = Lab("lab", own_network=True)
    assert [link.cable(2) for link in lab.links] == ["pve2-0", "pve2-1", "pve2-2", "pve2-3"]
    assert [link.interface for link in Lab("lab").links] == ["eno1", "eno2"]
    text = addresses.interfaces_file(1, gateway=True)
    assert text.count("gateway 10.10.1.1\n") == 1 and "eno3" not in text


def test_namespace_of_one_lab_is_never_the_prefix_of_another() -> None:
    with pytest.raises(LabError, match="letters and digits"):
        Lab("lab-pve1")


@pytest.mark.parametrize("size", [{"nodes": 0}, {"nodes": 8}, {"pve": 6}, {"disks": 9}])
def test_impossible_sizes_are_refused(size: dict[str, Any]) -> None:
    with pytest.raises(LabError):
        Lab("lab", **size)


@pytest.fixture
def existing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(settings, "STATE_ROOT", tmp_path)
    lab = Lab("lab", nodes=4)
    lab.save()
    return lab


def test_up_keeps_the_size_a_lab_has(existing: Lab) -> None:
    assert settings.wanted("lab", None, None, None) == existing


def test_a_lab_grows(existing: Lab) -> None:
    assert settings.wanted("lab", 5, None, None).nodes == 5


def test_a_lab_stays_of_its_kind(existing: Lab) -> None:
    with pytest.raises(LabError, match="lab down"):
        settings.wanted("lab", None, None, None, own_network=True)


@pytest.mark.parametrize(("nodes", "disks"), [(3, None), (None, 1)])
def test_a_lab_changes_in_no_other_way(existing: Lab, nodes: int, disks: int) -> None:
    with pytest.raises(LabError, match="lab down"):
        settings.wanted("lab", nodes, None, disks)


def test_disks_have_the_identity_loop_devices_lack() -> None:
    disk = Disk("/dev/loop12", serial(2, 1), "LABDISK", 6, rotational=False)
    assert device_links([disk]) == "L+ /dev/disk/by-id/lab-PVE2D1 - - - - ../../loop12\n"
    assert '"serial": "PVE2D1"' in disks_json([disk])
