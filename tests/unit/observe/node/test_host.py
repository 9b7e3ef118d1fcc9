"""host: what a node says about its name, addresses and operating system."""

from __future__ import annotations

import ipaddress
import json

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.host import (
    observe,
    parse_addresses,
    parse_ahosts,
    parse_os_release,
)

from ....doubles.support import FakeNode, printed

IP = ("ip", "-json", "address")


def interface(name: str, *addresses: str, **more: object) -> dict[str, object]:
    pairs = (address.split("/") for address in addresses)
    return {"ifname": name, "addr_info": [{"local": ip, "prefixlen": int(prefix), **more} for ip, prefix in pairs]}


def node(
    *, hostname: str = "pve1.example.com\n", resolved: str = "10.10.1.11     STREAM pve1.example.com\n"
) -> FakeNode:
    interfaces = [
        interface("lo", "127.0.0.1/8", "::1/128"),
        interface("eth0", "10.10.1.11/24", "fe80::1/64", "fd00:1::11/64"),
        interface("eth1", "10.10.2.11/24"),
        interface("eth2"),
    ]
    return FakeNode(
        files={
            "/proc/sys/kernel/hostname": hostname,
            "/etc/os-release": 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n# comment=1\n',
            "/run/systemd/container": "systemd-nspawn\n",
        },
        commands={IP: printed(json.dumps(interfaces)), ("getent", "ahosts", hostname.strip()): printed(resolved)},
    )


def test_a_host_is_read() -> None:
    host = observe(node())
    assert (host.name, host.fqdn) == ("pve1", "pve1.example.com")
    assert (host.distribution, host.release, host.codename) == ("debian", "13", "trixie")
    assert host.container == "systemd-nspawn"
    assert [str(ip) for ip in host.resolves_to] == ["10.10.1.11"]
    assert [str(found) for found in host.usable] == ["10.10.1.11 (eth0)", "fd00:1::11 (eth0)", "10.10.2.11 (eth1)"]
    assert [str(found.ip) for found in host.addresses_in(ipaddress.ip_network("10.10.2.0/24"))] == ["10.10.2.11"]
    assert [str(found.network) for found in host.addresses_of("eth1")] == ["10.10.2.0/24"]
    assert host.has(ipaddress.ip_address("127.0.0.1")) and not host.has(ipaddress.ip_address("10.10.1.12"))


def test_an_unresolvable_name_leaves_no_address() -> None:
    host = observe(node(hostname="pve1", resolved=""))
    assert (host.fqdn, host.resolves_to) == ("pve1", ())


def test_a_host_without_iproute2_or_name_cannot_be_read() -> None:
    silent = node()
    del silent.commands[IP]
    with pytest.raises(Unreadable, match="ip -json address"):
        observe(silent)
    with pytest.raises(Unreadable, match="holds no name"):
        observe(node(hostname="\n"))


def test_privacy_addresses_are_left_out() -> None:
    assert parse_addresses([interface("eth0", "2001:db8::5/64", temporary=True)]) == ()


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", []),
        ("127.0.1.1 STREAM pve1\n127.0.1.1 DGRAM\n127.0.1.1 RAW\n", ["127.0.1.1"]),
        ("fd00::1 STREAM pve1\n10.0.0.1 STREAM\nfd00::1 DGRAM\n", ["fd00::1", "10.0.0.1"]),
        ("fe80::1%eth0 STREAM pve1\n", ["fe80::1"]),
    ],
)
def test_what_a_name_resolves_to(text: str, addresses: list[str]) -> None:
    assert [str(ip) for ip in parse_ahosts(text)] == addresses


def test_os_release_quotes() -> None:
    assert parse_os_release("A='b c'\nD=\"e\"\nF=\n") == {"A": "b c", "D": "e", "F": ""}
