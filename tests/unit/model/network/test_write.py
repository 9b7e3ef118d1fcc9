"""write: what is declared is read back, what is not declared stays, and the second time nothing changes."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import (
    Bond,
    Bridge,
    DesiredInterface,
    Gateway,
    Route,
    Vlan,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.write import differs, with_interfaces
from hypothesis import given
from hypothesis import strategies as st

DEBIAN = """\
# This file describes the network interfaces.
source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

auto eno1
iface eno1 inet static
  address 192.0.2.11/24
\tgateway   192.0.2.1
  post-up ethtool -K eno1 tso off

# end
"""
V4, V6 = ipaddress.ip_interface("10.1.0.1/24"), ipaddress.ip_interface("fd00::1/64")
GATEWAY = Gateway(ipaddress.ip_address("10.1.0.254"))
ROUTE = Route(ipaddress.ip_network("10.9.0.0/16"), ipaddress.ip_address("10.1.0.253"))

NEW = {
    "a bridge": (
        DesiredInterface("vmbr1", "bridge", bridge=Bridge(("eno2",)), addresses=(V4, V6), gateways=(GATEWAY,)),
        "auto vmbr1\niface vmbr1 inet static\n\taddress 10.1.0.1/24\n\tgateway 10.1.0.254\n\tbridge-ports eno2\n"
        "\tbridge-stp off\n\tbridge-fd 0\n\niface vmbr1 inet6 static\n\taddress fd00::1/64\n",
    ),
    "a bridge that knows of VLANs": (
        DesiredInterface("vmbr1", "bridge", bridge=Bridge((), True, "2-4094"), comment="guests"),
        "auto vmbr1\niface vmbr1 inet manual\n\tbridge-ports none\n\tbridge-vlan-aware yes\n\tbridge-vids 2-4094\n"
        "\tbridge-stp off\n\tbridge-fd 0\n#guests\n",
    ),
    "a bond": (
        DesiredInterface("bond0", "bond", bond=Bond(("eno2", "eno3"), "802.3ad", None, "layer3+4", "fast"), mtu=9000),
        "auto bond0\niface bond0 inet manual\n\tbond-slaves eno2 eno3\n\tbond-mode 802.3ad\n\tbond-miimon 100\n"
        "\tbond-xmit-hash-policy layer3+4\n\tbond-lacp-rate fast\n\tmtu 9000\n",
    ),
    "a VLAN by its name": (
        DesiredInterface("bond0.40", "vlan", vlan=Vlan("bond0", 40), addresses=(V4,), routes=(ROUTE,), auto=False),
        "iface bond0.40 inet static\n\taddress 10.1.0.1/24\n\tup ip route replace 10.9.0.0/16 via 10.1.0.253"
        " dev bond0.40\n",
    ),
    "a VLAN of another name": (
        DesiredInterface("storage", "vlan", vlan=Vlan("eno2", 7)),
        "auto storage\niface storage inet manual\n\tvlan-raw-device eno2\n\tvlan-id 7\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", NEW)
def test_a_new_interface_stands_at_the_end(title: str) -> None:
    wanted, lines = NEW[title]
    text = with_interfaces({MAIN: DEBIAN}, [wanted], {})[MAIN]
    assert text == f"{DEBIAN}\n{lines}"
    assert not differs(wanted, interfaces(read({MAIN: text}, "ifupdown2"))[wanted.name])


CHANGES = {
    "nothing": (DesiredInterface("eno1", "physical", mtu=None), DEBIAN),
    "an MTU": (
        DesiredInterface("eno1", "physical", mtu=9000),
        DEBIAN.replace("inet static\n  a", "inet static\n\tmtu 9000\n  a"),
    ),
    "a gateway": (
        DesiredInterface("eno1", "physical", gateways=(GATEWAY,)),
        DEBIAN.replace("\tgateway   192.0.2.1\n", "").replace("static\n", "static\n\tgateway 10.1.0.254\n"),
    ),
    "no boot": (DesiredInterface("eno1", "physical", auto=False), DEBIAN.replace("auto eno1\n", "")),
    "a comment": (
        DesiredInterface("eno1", "physical", comment=" office"),
        DEBIAN.replace("static\n", "static\n# office\n"),
    ),
    "no address": (
        DesiredInterface("eno1", "physical", addresses=()),
        DEBIAN.replace("  address 192.0.2.11/24\n", "").replace("inet static", "inet manual"),
    ),
}


@pytest.mark.parametrize("title", CHANGES)
def test_only_what_is_declared_changes(title: str) -> None:
    wanted, text = CHANGES[title]
    assert with_interfaces({MAIN: DEBIAN}, [wanted], {})[MAIN] == text
    assert with_interfaces({MAIN: text}, [wanted], {})[MAIN] == text


def test_an_interface_of_an_included_file_is_changed_there() -> None:
    path = "/etc/network/interfaces.d/eno2"
    files = {MAIN: DEBIAN, path: "auto eno2 eno3\niface eno2 inet manual\n"}
    new = with_interfaces(files, [DesiredInterface("eno2", "physical", addresses=(V6,))], {})
    assert new == {
        MAIN: DEBIAN,
        path: "auto eno2 eno3\niface eno2 inet manual\n\niface eno2 inet6 static\n\taddress fd00::1/64\n",
    }
    gone = with_interfaces(files, [DesiredInterface("eno2", "physical", absent=True)], {})
    assert gone == {MAIN: DEBIAN, path: "auto eno3\n"}


def test_one_stanza_of_several_for_a_family_keeps_the_addresses() -> None:
    """As ifupdown wanted it, before one stanza could have several addresses."""
    old = "auto eno1\niface eno1 inet static\n\taddress 10.1.0.8/24\n\niface eno1 inet static\n\taddress 10.1.0.9/24\n"
    new = with_interfaces({MAIN: old}, [DesiredInterface("eno1", "physical", addresses=(V4,))], {})[MAIN]
    assert new == "auto eno1\niface eno1 inet static\n\taddress 10.1.0.1/24\n\niface eno1 inet manual\n"


def test_a_route_that_is_no_longer_declared_goes() -> None:
    hooks = "\tup ip route add 10.8.0.0/16 via 10.1.0.2 || true\n", f"\tup {ROUTE.command('eno1')}\n", "\tup true\n"
    old = "auto eno1\niface eno1 inet manual\n"
    wanted = DesiredInterface("eno1", "physical", routes=(ROUTE,))
    assert with_interfaces({MAIN: old + "".join(hooks)}, [wanted], {}) == {MAIN: old + "".join(hooks[1:])}


def test_lines_right_behind_a_stanza_are_changed_where_they_are() -> None:
    old = "auto eno1\niface eno1 inet static\n\taddress 10.1.0.1/24\nauto eno1 eno2\niface eno2 inet manual\n"
    new = with_interfaces({MAIN: old}, [DesiredInterface("eno1", "physical", addresses=(V4, V6), auto=False)], {})
    assert new[MAIN] == (
        "iface eno1 inet static\n\taddress 10.1.0.1/24\n\niface eno1 inet6 static\n\taddress fd00::1/64\n"
        "auto eno2\niface eno2 inet manual\n"
    )


def test_hooks_are_added_once() -> None:
    hook = {"eno1": [("up", "true")]}
    text = with_interfaces({MAIN: DEBIAN}, [DesiredInterface("eno1", "physical")], hook)[MAIN]
    assert text.count("\tup true\n") == 1


WANTED = st.builds(
    lambda name, addresses, mtu, ports, aware, routes, auto: DesiredInterface(
        name,
        "bridge",
        addresses=addresses,
        mtu=mtu,
        bridge=Bridge(ports, aware, "2-9" if aware else ""),
        routes=routes,
        auto=auto,
    ),
    st.sampled_from(["vmbr0", "vmbr1", "vmbr2"]),
    st.none() | st.lists(st.sampled_from([V4, V6]), unique=True).map(tuple),
    st.none() | st.integers(1280, 9000),
    st.lists(st.sampled_from(["eno1", "eno2"]), unique=True).map(tuple),
    st.booleans(),
    st.none() | st.just((ROUTE,)),
    st.booleans(),
)  # fmt: skip
FOUND = st.sampled_from([
    DEBIAN,
    "",
    "auto vmbr0\niface vmbr0 inet static\n\taddress 10.1.0.9/24\n\tbridge_ports eno1\n\n# x\n"
    "iface vmbr0 inet6 manual\n",
    "iface vmbr1 inet dhcp\n  bridge-ports eno1\n  bridge-vlan-aware yes\n  bridge-vids 2-4\n"
    "  bridge-vids 5 6-9\n  up x\n",
    "auto vmbr0 vmbr1\niface vmbr0\n\taddress 10.1.0.1/24\n\taddress fd00::1/64\n\tmtu 1500",
])  # fmt: skip


@given(FOUND, st.lists(WANTED, max_size=3, unique_by=lambda one: one.name))
def test_what_is_written_is_read_back_and_then_stays(text: str, wanted: list[DesiredInterface]) -> None:
    new = with_interfaces({MAIN: text}, wanted, {})
    found = interfaces(read(new, "ifupdown2"))
    for one in wanted:
        assert not differs(one, found[one.name]), new[MAIN]
    assert with_interfaces(new, wanted, {}) == new
    others = interfaces(read({MAIN: text}, "ifupdown2"))
    names = {one.name for one in wanted}
    assert {name: one for name, one in others.items() if name not in names} == {
        name: one for name, one in found.items() if name not in names
    }
