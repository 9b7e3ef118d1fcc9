"""network_kernel: what a reload has left otherwise is set by ip, line by line, and what is still different is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import network_kernel

from .guarded_machine import Machine

pytestmark = pytest.mark.slow


def link(name: str, *addresses: str, kind: str = "", **other: Any) -> dict[str, Any]:
    """As ``ip -json -details address`` prints one."""
    found = [address.partition("/") for address in addresses]
    told = [
        {"family": "inet6" if ":" in ip else "inet", "local": ip, "prefixlen": int(length), "scope": "global"}
        for ip, dummy, length in found
    ]
    kinds = {"linkinfo": {"info_kind": kind}} if kind else {}
    common = {"ifname": name, "flags": ["UP"], "mtu": 1500, "address": "52:54:00:00:00:01", "addr_info": told}
    return {**common, **kinds, **other}


DEFAULT = {"dst": "default", "gateway": "10.10.1.1", "dev": "eno1", "flags": []}
BEFORE = [link("eno1", "10.10.1.11/24"), link("eno2")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def lines(before: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    looks = [{one["ifname"]: network_kernel._link(one) for one in links} for links in (before, found)]
    return list(network_kernel.link_lines(*looks))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (BEFORE, []),
        (
            [link("eno1", master="vmbr0"), link("eno2"), link("vmbr0", "10.10.1.11/24", kind="bridge")],
            ["link delete dev vmbr0", "link set dev eno1 nomaster", "address add 10.10.1.11/24 dev eno1"],
        ),
        (
            [link("eno1", "10.10.1.77/24"), link("eno2", flags=[], mtu=9000)],
            [
                "address delete 10.10.1.77/24 dev eno1",
                "address add 10.10.1.11/24 dev eno1",
                "link set dev eno2 mtu 1500",
                "link set dev eno2 up",
            ],
        ),
        ([*BEFORE, link("eno9", kind="veth")], []),
        ([link("eno1", "10.10.1.11/24")], []),
    ],
    ids=["nothing", "bridge", "address", "not-made-by-a-configuration", "gone"],
)
def test_what_ip_is_told(found: list[dict[str, Any]], expected: list[str]) -> None:
    assert lines(BEFORE, found) == expected


def test_a_port_goes_back_to_its_bridge() -> None:
    before = [link("vmbr0", kind="bridge"), link("eno1", master="vmbr0")]
    assert lines(before, [link("vmbr0", kind="bridge"), link("eno1")]) == ["link set dev eno1 master vmbr0"]


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (DEFAULT, ["default via 10.10.1.1 dev eno1"]),
        ({**DEFAULT, "metric": 100, "flags": ["onlink"]}, ["default via 10.10.1.1 dev eno1 metric 100 onlink"]),
        ({"dst": "10.9.0.0/16", "type": "blackhole"}, ["blackhole 10.9.0.0/16"]),
        ({"dst": "10.10.1.0/24", "dev": "eno1", "protocol": "kernel"}, []),
        ({"dst": "default", "gateway": "fe80::1", "dev": "eno1", "protocol": "ra"}, []),
        (
            {"dst": "10.8.0.0/16", "nexthops": [{"gateway": "10.10.1.2", "dev": "eno1", "weight": 2}]},
            ["10.8.0.0/16 nexthop via 10.10.1.2 dev eno1 weight 2"],
        ),
    ],
)
def test_routes_are_kept_in_the_words_of_ip(route: dict[str, Any], words: list[str]) -> None:
    assert list(network_kernel._routes([route])) == words


def test_guests_and_what_the_kernel_sets_itself_is_not_kept() -> None:
    local = {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"}
    told = {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64, "scope": "global", "dynamic": True}
    assert network_kernel._link(link("eno1", addr_info=[local, told]))["addresses"] == []
    assert all(network_kernel.OF_GUESTS.match(name) for name in ("tap100i0", "veth101i0", "fwbr100i0", "vmbr0v5"))
    assert not any(network_kernel.OF_GUESTS.match(name) for name in ("vmbr0", "eno1", "bond0", "vmbr1.5"))


def test_it_is_repaired_and_what_is_not_is_told(machine: Machine) -> None:
    machine.kernel(BEFORE, (DEFAULT,))
    assert machine.run(network_kernel, "keep", str(machine.run_folder)).returncode == 0
    assert machine.run(network_kernel, "repair", str(machine.run_folder)).returncode == 0
    assert not [line for line in machine.asked if "batch" in line]
    machine.kernel([link("eno1", "10.10.1.77/24"), link("eno2")])
    done = machine.run(network_kernel, "repair", str(machine.run_folder))
    batches = [line.strip() for line in machine.asked if line.startswith("  ")]
    assert batches == [
        "address delete 10.10.1.77/24 dev eno1",
        "address add 10.10.1.11/24 dev eno1",
        "route replace default via 10.10.1.1 dev eno1",
    ]
    assert done.returncode == 1
    assert "eno1 is not as it was" in done.stderr and "-4 is not as it was" in done.stderr


def test_what_cannot_be_seen_is_not_taken_for_good(machine: Machine) -> None:
    machine.run(network_kernel, "keep", str(machine.run_folder))
    (machine.room / "says" / "ip -json -details address").write_text("no JSON")
    done = machine.run(network_kernel, "repair", str(machine.run_folder))
    assert done.returncode == 1 and "Nobody can see" in done.stderr
    done = machine.run(network_kernel, "keep", str(machine.run_folder))
    assert done.returncode == 1 and "Nobody can see how the network is" in done.stderr


def test_while_a_change_is_pending_the_first_look_stays(machine: Machine) -> None:
    machine.run(network_kernel, "keep", str(machine.run_folder))
    (machine.run_folder / "record.json").write_text('{"state": "pending"}')
    machine.kernel(BEFORE)
    assert machine.run(network_kernel, "keep", str(machine.run_folder)).returncode == 1
    assert json.loads((machine.run_folder / "kernel.json").read_text())["links"] == {}
