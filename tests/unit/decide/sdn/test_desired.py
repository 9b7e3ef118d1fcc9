"""What no cluster would take is told before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.modules.sdn import SUBJECT

from ....doubles.sdn_api import SdnApi, params

V6 = ["2001:db8::1", "2001:db8::2"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"zones": [{"zone": "toolongid", "type": "simple"}]}, "'toolongid' is not what Proxmox VE takes"),
        ({"zones": [{"zone": 12, "type": "simple"}]}, "12 is not a text"),
        ({"zones": [{"zone": "lab"}]}, "The zone lab lacks type"),
        ({"zones": [{"zone": "lab", "type": "simple", "bridge": "vmbr0"}]}, "of the type simple, which has no bridge"),
        ({"zones": [{"zone": "lab", "type": "simple"}] * 2}, "listed twice"),
        ({"zones": [{"zone": "lab", "type": "simple", "mtu": 100}]}, "mtu has to be between 576 and 65520"),
        ({"zones": [{"zone": "lab", "type": "simple", "dhcp": "kea"}]}, "dhcp is one of dnsmasq"),
        ({"zones": [{"zone": "lab", "type": "simple", "unset": ["mac"]}]}, "mac is nothing that can be unset"),
        ({"zones": [{"zone": "lab", "type": "simple", "mtu": 1400, "unset": ["mtu"]}]}, "both said and unset"),
        ({"zones": [{"zone": "vl", "type": "vlan", "bridge": "vmbr0", "unset": ["bridge"]}]}, "nothing that can be"),
        ({"zones": [{"zone": "vx", "type": "vxlan", "peers": ["pve1"]}]}, "'pve1' is no address"),
        ({"zones": [{"zone": "vx", "type": "vxlan", "peers": V6}]}, "over IPv6, VXLAN takes 70 bytes"),
        ({"zones": [{"zone": "vx", "type": "vxlan", "peers": V6, "fabric": "f1", "mtu": 1430}]}, "either peers or"),
        ({"controllers": [{"controller": "c1", "type": "evpn", "asn": 4294967296}]}, "asn has to be between 1 and"),
        ({"fabrics": [{"fabric": "f1", "type": "ospf", "ip_prefix": "2001:db8::/64"}]}, "no network of IPv4"),
        ({"fabric_nodes": [{"fabric": "f1", "node": "pve1"}]}, "its fabric has to be listed with its type"),
        ({"subnets": [{"vnet": "vn1", "subnet": "10.51.0.5/24"}]}, "10.51.0.5/24 has host bits set"),
        ({"subnets": [{"vnet": "vn1", "subnet": "10.51.0.0/24", "gateway": "10.60.0.1"}]}, "10.60.0.1 is not in it"),
        (
            {"subnets": [{"vnet": "vn1", "subnet": "10.51.0.0/24", "dhcp_range": ["10.51.0.9-10.51.0.5"]}]},
            "ends before it begins",
        ),
        (
            {"subnets": [{"vnet": "vn1", "subnet": "10.51.0.0/24", "dhcp_range": ["10.51.0.9-10.52.0.5"]}]},
            "10.51.0.9-10.52.0.5 is not in it",
        ),
        (
            {
                "subnets": [
                    {
                        "vnet": "vn1",
                        "subnet": "10.51.0.0/24",
                        "dhcp_range": ["10.51.0.9-10.51.0.20", "10.51.0.20-10.51.0.30"],
                    }
                ]
            },
            "overlap",
        ),
        ({"exclusive": ["everything"]}, "nothing that can be exclusive"),
        ({"exclusive": ["zones:lab"]}, "nothing that can be exclusive"),
        ({"reflectors": ["rr1"]}, "reflectors: 'rr1' is no address"),
    ],
)
def test_what_is_invalid(api: SdnApi, said: dict[str, Any], problem: str) -> None:
    with pytest.raises(Invalid) as failure:
        SUBJECT.desired(params(api.lock_file, **said))
    assert problem in failure.value.message


def test_what_goes_needs_no_more_than_its_name(api: SdnApi) -> None:
    said = {
        "zones": [{"zone": "lab", "state": "absent"}],
        "fabric_nodes": [{"fabric": "f", "node": "n", "state": "absent"}],
    }
    with pytest.raises(Invalid):
        SUBJECT.desired(params(api.lock_file, **said))
    said["fabric_nodes"] = [{"fabric": "f1", "node": "pve1", "state": "absent"}]
    assert all(wish.absent for wish in SUBJECT.desired(params(api.lock_file, **said)).wishes.values())
