"""How a node on a kernel of its own gets its disks and cables."""

from __future__ import annotations

import pytest
from labtool import disks, operations, own_kernel
from labtool.disks import Disk
from labtool.settings import Lab, LabError

LAB = Lab("lab", own_kernel=True)


def attach(monkeypatch: pytest.MonkeyPatch, *loops: int) -> None:
    found = [Disk(f"/dev/loop{loop}", f"PVE1D{index}", "LABDISK", 6, False) for index, loop in enumerate(loops)]
    monkeypatch.setattr(disks, "attached", lambda lab, node: found)


def test_the_names_of_disks_follow_the_loop_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    attach(monkeypatch, 9, 10)
    assert [word for word in own_kernel.command(LAB, 1) if word.startswith("ubd")] == [
        "ubda=/mnt/root.img",
        "ubdb=/dev/loop9,,PVE1D0",
        "ubdc=/dev/loop10,,PVE1D1",
    ]
    attach(monkeypatch, 10, 9)  # what `lab swap-disks` does
    assert [word for word in own_kernel.command(LAB, 1) if word.startswith("ubd")][1:] == [
        "ubdb=/dev/loop9,,PVE1D1",
        "ubdc=/dev/loop10,,PVE1D0",
    ]


def test_no_two_interfaces_have_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    attach(monkeypatch)
    words = [word for node in (1, 2) for word in own_kernel.command(LAB, node) if word.startswith("vec")]
    assert len({word.partition("mac=")[2] for word in words}) == len(words) == 4


def test_a_reboot_lets_go_of_the_cables() -> None:
    """The kernel of before and the one after it are one process, and a tap device has one owner."""
    unit = own_kernel.layer(Lab("lab", own_kernel=True, own_network=True), 1)["etc/systemd/system/lab-hardware.service"]
    assert [line for line in unit.splitlines() if line.startswith("ExecStop=")] == [
        "ExecStop=/sbin/ip link set eno1 down",
        "ExecStop=/sbin/ip link set eno2 down",
        "ExecStop=/sbin/ip -n cables link set wire2 down",
        "ExecStop=/sbin/ip -n cables link set wire3 down",
    ]
    assert "Conflicts=shutdown.target" in unit


def test_a_cable_for_guests_tells_how_fast_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bond of mode 802.3ad asks for that: before the kernel's cable stands a veth of the name and address."""
    attach(monkeypatch)
    lab = Lab("lab", own_kernel=True, own_network=True)
    script = own_kernel.layer(lab, 1)["etc/lab/hardware.sh"].splitlines()
    assert "ip link set vec0 name eno1" in script
    assert "ip link add eno3 address 02:00:0a:0a:02:01 type veth peer name plug2 netns cables" in script
    wire = "ip link set vec2 name wire2 address 06:00:0a:0a:02:01 netns cables"
    assert wire in script, "another address, or what is for eno3 would end there"
    assert [word.endswith(",mtu=9000") for word in own_kernel.command(lab, 1) if word.startswith("vec")] == [
        *(False, False, True, True)
    ]


def test_in_the_node_a_disk_goes_by_its_serial_number(monkeypatch: pytest.MonkeyPatch) -> None:
    attach(monkeypatch, 9)
    assert [disk.dev for disk in disks.of_node(LAB, 1)] == ["/dev/disk/by-id/lab-PVE1D0"]
    assert [disk.dev for disk in disks.of_node(Lab("lab"), 1)] == ["/dev/loop9"]


def test_no_state_is_kept() -> None:
    with pytest.raises(LabError, match="no state of them is kept"):
        operations.keep(LAB, "full")


def test_only_the_current_release_has_it() -> None:
    with pytest.raises(LabError, match="release 9 only"):
        Lab("lab", pve=8, own_kernel=True)
