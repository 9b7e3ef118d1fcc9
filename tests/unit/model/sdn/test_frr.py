"""What Proxmox VE's merge drops of a node's own part, or puts elsewhere."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.frr import kept, missing, read

GOOD = """!
! reflects routes
!
router bgp 65000
 bgp listen range 10.20.1.0/24 peer-group VTEP
 address-family l2vpn evpn
  neighbor VTEP route-reflector-client
 exit-address-family
exit
!
vrf vrf_tenants
 ip route 192.0.2.0/24 blackhole
exit-vrf
!
route-map OUT permit 10
 set community 65000:100
exit
ip prefix-list LOOPBACKS seq 5 permit 10.0.0.0/8 le 32
ipv6 prefix-list LOOPBACKS6 seq 5 permit 2001:db8::/32
access-list 7 seq 5 permit any
bgp community-list standard LOCAL permit 65000:200
interface eno3
 ip ospf area 0
exit
"""


def test_what_is_kept() -> None:
    assert {line.fate for line in read(GOOD)} == {"kept", "end", "comment"}
    assert kept(GOOD)[:4] == [
        "router bgp 65000",
        "bgp listen range 10.20.1.0/24 peer-group VTEP",
        "address-family l2vpn evpn",
        "neighbor VTEP route-reflector-client",
    ]


@pytest.mark.parametrize(
    ("text", "number", "fate"),
    [
        ("ip nht resolve-via-default\n", 1, "nowhere"),
        ("ip route 192.0.2.0/24 198.51.100.1\n", 1, "nowhere"),
        ("ip protocol bgp route-map X\n", 1, "nowhere"),
        ("router bgp 65000\n neighbor 10.0.0.1 password se!cret\nexit\n", 2, "exclamation"),
        ("router bgp 65000\nexit\n neighbor 10.0.0.1 bfd\n", 3, "nowhere"),
        ("router bgp 65000\n neighbor 10.0.0.1 bfd\nip route 192.0.2.0/24 198.51.100.1\n", 3, "swallowed"),
        ("ip prefix-list X permit 10.0.0.0/8\n", 1, "no number"),
        ("router bgp 65000\nexit\naddress-family ipv4 unicast\n", 3, "no router"),
        ("vrf vrf_y\n exit-address-family\n vni 5\nexit-vrf\n", 2, "no family"),
        ("router ospf\n address-family ipv4 unicast\nexit\n", 2, "no router"),
    ],
)
def test_what_is_dropped(text: str, number: int, fate: str) -> None:
    assert [(line.number, line.fate) for line in read(text) if line.fate not in ("kept", "end", "comment")] == [
        (number, fate)
    ]


def test_entries_of_a_route_map_get_another_number() -> None:
    merged = "route-map OUT permit 3\n set community 65000:100\nexit\n"
    assert missing("route-map OUT permit 10\n set community 65000:100\nexit\n", merged) == []
    assert missing("route-map OUT deny 10\n set community 65000:100\nexit\n", merged) == ["route-map OUT deny"]
