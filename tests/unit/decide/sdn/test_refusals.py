"""What would break something, or what Proxmox VE takes and nobody wants: all of it is told, and nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ....doubles.sdn_api import SdnApi, plan, run
from .test_sdn import COURSE, FABRIC, PEERS


def reasons(api: SdnApi, /, **said: Any) -> list[str]:
    return [one.reason for one in plan(api, **said).refusals]


LAB = {"zone": "lab", "type": "simple"}
VLAN = {"zone": "vl", "type": "vlan", "bridge": "vmbr0"}
EVPN = {"controller": "evpn", "type": "evpn", "asn": 65000, "peers": PEERS}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"zones": [{**LAB, "nodes": ["pve9"]}]}, "The zone lab names pve9, which is no node."),
        ({"zones": [{**LAB, "ipam": "box"}]}, "The zone lab names the ipam box, which there is not."),
        ({"zones": [{"zone": "vl", "type": "vlan"}]}, "The zone vl (vlan) needs bridge."),
        (
            {"zones": [{**VLAN, "bridge": "nosuch"}]},
            "The zone vl is to use the bridge nosuch, which there is not on pve1, pve2, pve3.",
        ),
        (
            {"zones": [{"zone": "ev", "type": "evpn", "controller": "evpn", "vrf_vxlan": 1}]},
            "The zone ev names the controller evpn, which there is not.",
        ),
        ({"vnets": [{"vnet": "vn1", "zone": "no"}]}, "The vnet vn1 names the zone no, which there is not."),
        (
            {"zones": [LAB], "vnets": [{"vnet": "vn1", "zone": "lab", "tag": 5}]},
            "The vnet vn1 has a tag, and its zone is simple, which knows none.",
        ),
        (
            {"zones": [VLAN], "vnets": [{"vnet": "vn1", "zone": "vl"}]},
            "The vnet vn1 needs a tag, as its zone is of the type vlan.",
        ),
        (
            {"zones": [VLAN], "vnets": [{"vnet": "vn1", "zone": "vl", "tag": 4095}]},
            "The vnet vn1 has the tag 4095; VLANs end with 4094.",
        ),
        (
            {"zones": [VLAN], "vnets": [{"vnet": name, "zone": "vl", "tag": 7} for name in ("vn1", "vn2")]},
            "The vnets vn1 and vn2 would have the same tag 7 (zone vl).",
        ),
        (
            {"zones": [LAB], "vnets": [{"vnet": "vmbr0", "zone": "lab"}]},
            "A vnet vmbr0 would be called like an interface of pve1, pve2, pve3.",
        ),
        (
            {
                "zones": [LAB],
                "vnets": [{"vnet": "vn1", "zone": "lab", "vlanaware": True}],
                "subnets": [{"vnet": "vn1", "subnet": "10.5.0.0/24"}],
            },
            "The vnet vn1 cannot be VLAN aware and have subnets.",
        ),
        (
            {
                "zones": [LAB],
                "vnets": [{"vnet": "vn1", "zone": "lab"}, {"vnet": "vn2", "zone": "lab"}],
                "subnets": [{"vnet": "vn1", "subnet": "10.5.0.0/24"}, {"vnet": "vn2", "subnet": "10.5.0.0/25"}],
            },
            "The subnets vn1/10.5.0.0/24 and vn2/10.5.0.0/25 of the zone lab overlap.",
        ),
        (
            {"subnets": [{"vnet": "vn1", "subnet": "10.5.0.0/24"}]},
            "There is no vnet vn1 for the subnet vn1/10.5.0.0/24.",
        ),
        (
            {"zones": [{"zone": "vx", "type": "vxlan", "peers": PEERS[:2]}]},
            "No address of pve3 is among the peers of the zone vx.",
        ),
        (
            {"zones": [{"zone": "vx", "type": "vxlan", "peers": [*PEERS, "10.20.1.14"]}]},
            "The zone vx has peers that are none of its nodes: 10.20.1.14.",
        ),
        (
            {"controllers": [{**EVPN, "peers": ["10.20.1.254"]}]},
            "No address of pve1, pve2, pve3 is among the peers of the controller evpn.",
        ),
        (
            {
                "controllers": [
                    {"controller": f"b{one}", "type": "bgp", "node": "pve2", "asn": one, "peers": ["10.20.1.1"]}
                    for one in (1, 2)
                ]
            },
            "pve2 would have several controllers for bgp: b1, b2.",
        ),
        (
            {"controllers": [EVPN, {**EVPN, "controller": "other"}]},
            "There would be several controllers for evpn: evpn, other.",
        ),
        (
            {
                "controllers": [EVPN],
                "zones": [
                    {"zone": name, "type": "evpn", "controller": "evpn", "vrf_vxlan": 9} for name in ("e1", "e2")
                ],
            },
            "The zones e1 and e2 would have the same vrf_vxlan 9.",
        ),
        (
            {
                "controllers": [EVPN],
                "zones": [
                    {
                        "zone": "ev",
                        "type": "evpn",
                        "controller": "evpn",
                        "vrf_vxlan": 9,
                        "nodes": ["pve1"],
                        "exitnodes": ["pve2"],
                        "exitnodes_primary": "pve1",
                    }
                ],
            },
            "The zone ev has no exit node pve2, as it is not among its nodes.",
        ),
        (
            {**FABRIC, "fabric_nodes": [{"fabric": "spine", "node": "pve1", "ip": "10.31.0.1"}]},
            "The node spine/pve1 of a fabric has the address 10.31.0.1, which is not in 10.30.0.0/24.",
        ),
        (
            {**FABRIC, "fabric_nodes": [{"fabric": "spine", "node": "pve1", "interfaces": [{"name": "eno9"}]}]},
            "The node spine/pve1 of a fabric names eno9, which pve1 does not have.",
        ),
    ],
)
def test_what_is_refused(api: SdnApi, said: dict[str, Any], reason: str) -> None:
    assert reason in reasons(api, **said)


def test_peers_and_a_fabric_exclude_each_other_also_with_what_is_there(api: SdnApi) -> None:
    assert "The zone vx (vxlan) would have neither peers nor a fabric." in reasons(
        api, zones=[{"zone": "vx", "type": "vxlan"}]
    )
    run(api, zones=[COURSE["zones"][2]])
    said = {**FABRIC, "zones": [{"zone": "vx", "type": "vxlan", "fabric": "spine"}]}
    assert reasons(api, **said) == ["The zone vx (vxlan) would have both peers and a fabric."]
    said["zones"] = [{"zone": "vx", "type": "vxlan", "fabric": "spine", "unset": ["peers"]}]
    run(api, **said)
    assert not run(api, **said)["changed"]


def test_route_reflectors_that_are_no_nodes_are_said_to_be_that(api: SdnApi) -> None:
    said = {"controllers": [{**EVPN, "peers": ["10.20.1.254"]}]}
    assert reasons(api, **said, reflectors=["10.20.1.254"]) == []


def test_who_is_a_peer_is_not_known_of_a_node_that_is_off(api: SdnApi) -> None:
    api.nodes["pve3"].online = False
    api.members()
    assert reasons(api, zones=[{"zone": "vx", "type": "vxlan", "peers": PEERS}]) == []


def test_a_new_node_is_missed_in_a_zone_that_runs(api: SdnApi) -> None:
    run(api, **COURSE)
    api.nodes["pve4"] = type(api.nodes["pve1"])("10.20.1.14")
    api.members()
    assert "No address of pve4 is among the peers of the zone vx." in reasons(api, zones=[COURSE["zones"][2]])


def test_what_is_of_another_type_keeps_it(api: SdnApi) -> None:
    run(api, zones=[LAB])
    assert reasons(api, zones=[{**VLAN, "zone": "lab"}]) == ["The zone lab is of the type simple, and keeps it."]


def test_what_is_still_used_does_not_go(api: SdnApi) -> None:
    run(api, **COURSE)
    gone = {"state": "absent"}
    assert reasons(api, zones=[{"zone": "lab", **gone}]) == ["The zone lab would go, and is still used: vnet vn1."]
    assert reasons(api, vnets=[{"vnet": "vn1", **gone}]) == [
        "The vnet vn1 would go, and is still used: subnet vn1/10.50.0.0/24."
    ]
    assert reasons(api, controllers=[{"controller": "evpn", **gone}]) == [
        "The controller evpn would go, and is still used: zone ev."
    ]


def test_a_vnet_that_guests_use_does_not_go(api: SdnApi) -> None:
    run(api, **COURSE)
    api.machines = [
        {"vmid": 101, "name": "web", "node": "pve1", "net0": "virtio=BC:24:11:00:00:01,bridge=vn2,firewall=1"},
        {"vmid": 102, "name": "db", "node": "pve2", "net0": "virtio=BC:24:11:00:00:02,bridge=vn22"},
    ]
    gone = {"vnets": [{"vnet": "vn2", "state": "absent"}]}
    assert reasons(api, **gone) == ["The vnet vn2 would go, and guests use it: web (101)."]
    api.machines[0]["node"], api.nodes["pve1"].online = "pve3", True
    api.nodes["pve3"].online = False
    api.members()
    assert reasons(api, **gone) == ["Nobody can tell whether web (101) uses vn2, as its node is off."]


def test_a_subnet_whose_addresses_are_given_out_does_not_go(api: SdnApi) -> None:
    run(api, **COURSE)
    api.stage("POST", "/cluster/sdn/vnets/vn1/ips", zone="lab", ip="10.50.0.7", mac="BC:24:11:00:00:07")
    assert reasons(api, subnets=[{"vnet": "vn1", "subnet": "10.50.0.0/24", "state": "absent"}]) == [
        "The subnet vn1/10.50.0.0/24 would go, and addresses of it are given out: 10.50.0.7 (BC:24:11:00:00:07)."
    ]


def test_fabrics_need_a_release_that_has_them(on_release: Callable[[int], SdnApi]) -> None:
    api = on_release(8)
    (reason,) = [one for one in reasons(api, **FABRIC) if one.startswith("Fabrics need")]
    assert reason.startswith("Fabrics need Proxmox VE 9: fabric spine, fabric node spine/pve1")


def test_a_token_that_may_not_see_everything(api: SdnApi) -> None:
    api.stage("POST", "/access/users", userid="ann@pve")
    api.stage("POST", "/access/users/ann@pve/token/t1", privsep=0)
    api.caller = "ann@pve!t1"
    said = {"token_id": "ann@pve!t1", "token_secret": "x"}
    assert reasons(api, zones=[LAB], api=said) == [
        "ann@pve!t1 lacks Sys.Audit on /nodes, SDN.Allocate on /sdn: it would not see, or not change, what is declared."
    ]
