"""What BIRD 1.6 and 2.0, FRR, H3C, Huawei and the kernel show, read and judged."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube import bird, switch
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.bgp_view import Neighbour, View
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.calico import Pool
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.pairs import bgp_pairs
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.speaker import (
    Expectation,
    class_of,
    faults,
    verdict,
)
from ansible_collections.baremetal.virt.plugins.modules.bgp_proof_info import INQUIRY, answer
from ansible_collections.baremetal.virt.plugins.plugin_utils.options import validated

from ....doubles.support import FakeNode, printed

ROUTES = """BIRD 1.6.8 ready.
10.233.0.0/18      blackhole [static1 09:59:11] * (200)
10.233.5.7/32      via 172.20.0.13 on eth0 [Node_172_20_0_13 09:59:14] * (100/0) [i]
10.233.64.0/26     blackhole [static1 09:59:11] * (200)
10.233.65.0/26     via 172.20.0.12 on eth0 [Node_172_20_0_12 09:59:19] * (100/0) [i]
10.233.66.0/26     via 172.20.0.13 on eth0 [Node_172_20_0_13 09:59:14] * (100/0) [i]
10.234.7.0/26      via 172.20.0.12 on eth0 [Node_172_20_0_12 09:59:19] * (100/0) [i]
10.234.8.0/26      via 172.20.0.13 on eth0 [Node_172_20_0_13 09:59:14] * (100/0) [i]
10.235.9.0/26      via 172.20.0.254 on eth0 [Node_172_20_0_254 09:59:20 from 172.20.0.254] * (100/0) [AS64513i]
172.20.0.0/24      dev eth0 [direct1 09:59:11] * (240)
"""
KERNEL = """blackhole 10.233.64.0/26 proto bird
10.233.65.0/26 via 172.20.0.12 dev eth0 proto bird
10.234.7.0/26 via 10.234.7.0 dev vxlan.calico onlink
10.235.9.0/26 via 173.20.0.11 dev tunl0 proto bird onlink
172.20.0.0/24 dev eth0 proto kernel scope link src 172.20.0.11
"""
POOLS = (Pool("10.233.64.0/18"), Pool("10.234.0.0/16", vxlan="Always"), Pool("10.235.0.0/16", ipip="CrossSubnet"))
EXPECTED = Expectation(pools=POOLS, services=("10.233.0.0/18",))


def test_what_is_chosen_and_not_in_the_kernel_is_right_or_wrong_by_its_class() -> None:
    view = View(chosen=bird.routes(ROUTES), installed=switch.installed(KERNEL))
    assert [(one.topic, one.thing, one.responsible) for one in faults(view, EXPECTED)] == [
        ("not_in_kernel", "10.233.66.0/26", "bird"),
        ("not_in_kernel", "10.234.8.0/26", "felix"),
    ]
    assert {one.prefix: class_of(one, EXPECTED) for one in view.chosen if one.kind != "dev"} == {
        "10.233.0.0/18": "service",
        "10.233.5.7/32": "service",
        "10.233.64.0/26": "own_block",
        "10.233.65.0/26": "pool",
        "10.233.66.0/26": "pool",
        "10.234.7.0/26": "vxlan_pool",
        "10.234.8.0/26": "vxlan_pool",
        "10.235.9.0/26": "ipip_pool",
    }


def test_whom_a_route_is_learned_from_stands_in_the_name_of_the_protocol() -> None:
    sources = {one.prefix: one.source for one in bird.routes(ROUTES)}
    assert sources["10.233.66.0/26"] == "172.20.0.13"
    assert sources["10.235.9.0/26"] == "172.20.0.254"
    assert sources["10.233.64.0/26"] == ""


def test_a_service_in_the_kernel_and_another_next_hop_there_are_wrong() -> None:
    kernel = KERNEL.replace("via 172.20.0.12 dev eth0", "via 172.20.0.99 dev eth0")
    kernel += "10.233.5.7 via 172.20.0.13 proto bird\n"
    view = View(chosen=bird.routes(ROUTES), installed=switch.installed(kernel))
    wrong = [(one.thing, one.told) for one in faults(view, EXPECTED) if one.topic == "wrong_in_kernel"]
    assert wrong[0] == ("10.233.5.7/32", "10.233.5.7/32 is in the kernel's table, and is a service")
    assert wrong[1][0] == "10.233.65.0/26" and "172.20.0.99" in wrong[1][1]


def half(neighbour: str, own: str, imported: int, exported: int) -> str:
    name = neighbour.replace(".", "_")
    return f"""BIRD 2.0.12 ready.
Name       Proto      Table      State  Since         Info
Mesh_{name} BGP        ---        up     22:56:49.022  Established
  BGP state:          Established
    Neighbor address: {neighbour}
    Neighbor AS:      64512
    Local AS:         64512
    Neighbor ID:      {neighbour}
    Session:          internal multihop AS4
    Source address:   {own}
    Hold timer:       6.579/9
    Keepalive timer:  1.122/3
  Channel ipv4
    State:          UP
    Table:          master4
    Input filter:   ACCEPT
    Output filter:  (unnamed)
    Routes:         {imported} imported, {exported} exported, {imported} preferred
"""


def test_hundreds_sent_and_none_taken_is_told_as_a_path_that_is_too_small() -> None:
    ends = {
        "172.20.0.11": [asdict(one) for one in bird.neighbours(half("172.20.0.12", "172.20.0.11", 1, 750))],
        "172.20.0.12": [asdict(one) for one in bird.neighbours(half("172.20.0.11", "172.20.0.12", 0, 1))],
    }
    (found,) = bgp_pairs(ends)
    assert (found["topic"], found["thing"]) == ("established_without_routes", "172.20.0.11 172.20.0.12")
    assert "has sent 750 routes" in found["told"] and "hold time of 9 s" in found["told"]
    ends["172.20.0.12"][0]["filtered"] = 750
    assert not bgp_pairs(ends), "a filter is no path"


def test_why_a_session_is_down_stands_in_the_row() -> None:
    (found,) = bird.neighbours(
        "Name       Proto      Table      State  Since         Info\n"
        "Mesh_172_20_0_11 BGP        ---        start  22:56:44.254  Idle          BGP Error: Hold timer expired\n"
    )
    assert found == Neighbour("172.20.0.11", "Idle", error="BGP Error: Hold timer expired")
    (told,) = faults(View((found,)), Expectation(peers=("172.20.0.11",)))
    assert (told.topic, told.told) == (
        "down",
        "the session with 172.20.0.11 is Idle, last error: BGP Error: Hold timer expired",
    )


def test_missing_and_unexpected_sessions() -> None:
    view = View((Neighbour("172.20.0.254", "Established"),))
    assert [(one.topic, one.thing) for one in faults(view, Expectation(peers=("172.20.0.11",)))] == [
        ("missing", "172.20.0.11"),
        ("unexpected", "172.20.0.254"),
    ]


UNREACHABLE = """BIRD 2.0.12 ready.
Table master4:
10.233.64.0/24       unreachable [Node_1 05:44:20.095 from 172.20.0.11] * (100) [i]
                     unreachable [Node_2 05:44:19.749 from 172.20.0.12] (100) [i]
10.233.65.0/24       unicast [Node_2 05:44:19.749 from 172.20.0.12] * (100) [i]
\tvia 172.20.0.12 on eth0
10.233.66.0/24       blackhole [pods 05:44:15.617] * (200)
"""


def test_a_route_whose_next_hop_nobody_reaches() -> None:
    routes = bird.routes(UNREACHABLE)
    assert [(one.prefix, one.kind, one.gateways, one.best) for one in routes] == [
        ("10.233.64.0/24", "unreachable", (), True),
        ("10.233.64.0/24", "unreachable", (), False),
        ("10.233.65.0/24", "via", ("172.20.0.12",), True),
        ("10.233.66.0/24", "blackhole", (), True),
    ]
    expected = Expectation(prefixes={"10.233.64.0/24": (), "10.233.67.0/24": ()})
    told = [(one.topic, one.thing) for one in faults(View(chosen=routes[:2]), expected)]
    assert told == [("next_hop_unresolvable", "10.233.64.0/24"), ("no_route", "10.233.67.0/24")]


def leaf(hops: dict[str, list[str]]) -> View:
    paths = {
        prefix: [{"valid": True, "prefix": prefix, "nexthops": [{"ip": one, "used": True}]} for one in ways]
        for prefix, ways in hops.items()
    }
    return View(chosen=switch.frr_routes({"routes": paths}), by="frr")


def next_hops(view: View, prefixes: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found = faults(view, Expectation(prefixes=prefixes))
    return {one.thing: one.told for one in found if one.topic == "wrong_next_hop"}


def test_a_leaf_that_sends_through_the_reflectors() -> None:
    owners: dict[str, tuple[str, ...]] = {"10.233.64.0/26": ("172.20.0.11",), "10.233.66.0/26": ("172.20.0.13",)}
    both = ["172.20.0.11", "172.20.0.12"]
    assert next_hops(leaf(dict.fromkeys(owners, both)), owners) == {
        "10.233.64.0/26": "10.233.64.0/26 is sent to 172.20.0.12, not to its owner",
        "10.233.66.0/26": "10.233.66.0/26 is sent to 172.20.0.11, 172.20.0.12, not to its owner",
    }
    assert not next_hops(leaf({prefix: list(owner) * 2 for prefix, owner in owners.items()}), owners)


def test_the_address_of_a_service_goes_to_nodes_with_an_endpoint() -> None:
    path = [{"valid": True, "nexthops": [{"ip": f"172.20.0.{one}", "used": True}]} for one in (11, 13, 12)]
    view = View(chosen=switch.frr_routes({"prefix": "10.233.5.7/32", "paths": path}))
    assert "172.20.0.11, 172.20.0.12" in next_hops(view, {"10.233.5.7/32": ("172.20.0.13",)})["10.233.5.7/32"]


STATUS = """BIRD 1.6.8
Router ID is 172.20.0.11
Graceful restart recovery in progress
  Waiting for 1 protocols to recover
  Wait timer is 215/240
Daemon is up and running
"""
PROTOCOLS = """name     proto    table    state  since       info
device1  Device   master   up     22:59:10
kernel1  Kernel   master   wait   22:59:10
static1  Static   master   up     22:59:10
Mesh_172_20_0_12 BGP      master   up     22:59:12    Established
Mesh_172_20_0_13 BGP      master   start  22:59:10    Active        Socket: Connection refused
"""
SELECTED = """10.233.64.0/26     blackhole [static1 22:59:10] * (200)
10.233.65.0/26     via 172.20.0.12 on eth0 [Mesh_172_20_0_12 22:59:12] * (100/0) [i]
"""


PEERS = ["172.20.0.12", "172.20.0.13"]


def node(status: str = STATUS, protocols: str = PROTOCOLS) -> FakeNode:
    kernel = "172.20.0.0/24 dev eth0 proto kernel scope link\n"
    told = {"show protocols all": protocols, "show route": SELECTED, "show status": status}
    asked = ("bird_socket", "/var/run/calico/bird.ctl", *told)
    return FakeNode(commands={asked: printed(json.dumps(told)), ("ip", "route"): printed(kernel)})


def look(here: FakeNode, **said: Any) -> dict[str, Any]:
    return answer(here, validated(INQUIRY.argument_spec, {}, said))


def test_what_recovers_after_a_start_has_not_failed_and_is_not_proved() -> None:
    told = look(node(), peers=PEERS)
    assert (told["verdict"], told["recovering"], told["waiting_for"]) == ("recovering", 215.0, ["172.20.0.13"])
    assert told["prefixes"] == ["10.233.64.0/26", "10.233.65.0/26"]
    assert not [one for one in told["faults"] if one["topic"] == "not_in_kernel"]


def test_afterwards_it_is_judged() -> None:
    over = "Daemon is up and running\n"
    told = look(node(over), peers=["172.20.0.12"])
    assert told["verdict"] == "recovering", "the kernel's protocol still waits"
    told = look(node(over, PROTOCOLS.replace("wait", "up  ")), peers=PEERS, reach=["172.20.0.5", "100.64.0.1"])
    assert told["verdict"] == "failed"
    assert [(one["topic"], one["thing"]) for one in told["faults"]] == [
        ("down", "172.20.0.13"),
        ("not_in_kernel", "10.233.64.0/26"),
        ("not_in_kernel", "10.233.65.0/26"),
        ("no_way_back", "100.64.0.1"),
    ]


def test_frr_names_peers_by_interfaces_and_says_when_no_policy_lets_routes_through() -> None:
    peers = {
        "eth1": {"remoteAs": 65008, "state": "Established", "peerState": "Policy", "pfxRcd": 0, "pfxSnt": 0},
        "172.20.0.11": {"remoteAs": 64512, "state": "Established", "peerState": "OK", "pfxRcd": 4, "pfxSnt": 9},
    }
    here = FakeNode(
        commands={
            ("vtysh", "-c", "show bgp summary json"): printed(json.dumps({"ipv4Unicast": {"peers": peers}})),
            ("vtysh", "-c", "show bgp ipv4 unicast json"): printed(json.dumps({"routes": {}})),
            ("ip", "route"): printed(""),
        }
    )
    told = look(here, speaker="frr", peers=["eth1", "172.20.0.11"])
    assert [(one["topic"], one["thing"]) for one in told["faults"]] == [("no_policy", "eth1")]
    assert told["neighbours"][1]["imported"] == 4


@pytest.mark.parametrize("said", ["BGP instance not found\n", '{"warning": "no BGP"}\n'])
def test_where_no_bgp_runs_nobody_takes_it_for_no_peers(said: str) -> None:
    here = FakeNode(commands={("vtysh", "-c", "show bgp summary json"): printed(said), ("ip", "route"): printed("")})
    with pytest.raises(Unreadable, match="does not tell"):
        look(here, speaker="frr")


def test_bird_that_does_not_answer_is_told() -> None:
    with pytest.raises(Unreadable, match="BIRD does not answer"):
        look(FakeNode(commands={("ip", "route"): printed("")}))


H3C = """ BGP local router ID: 2.2.2.2
 Local AS number: 65009
 Total number of peers: 3\t\t  Peers in established state: 2

  * - Dynamically created peer
  Peer                    AS  MsgRcvd  MsgSent OutQ PrefRcv Up/Down  State

  100.0.0.1            65008       25       27    0       4 00:15:33 Established
  172.20.0.11          64512       20       25    0       4 00:13:08 Established
  172.20.0.12          64512        0        0    0       0 00:00:03 Active
"""
HUAWEI = """ BGP local router ID : 2.2.2.2
 Local AS number : 65009
  Peer            V          AS  MsgRcvd  MsgSent  OutQ  Up/Down       State  PrefRcv
  100.0.0.1       4       65008       25       27     0 00:15:33 Established       4
  172.20.0.12     4       64512        0        0     0 00:00:03      Active       0
"""


def test_tables_of_switches() -> None:
    told = look(FakeNode(), speaker="h3c", text=H3C, peers=["100.0.0.1", "172.20.0.11", "172.20.0.12"])
    assert [one["thing"] for one in told["faults"]] == ["172.20.0.12"]
    assert [one["imported"] for one in told["neighbours"]] == [4, 4, 0]
    told = look(FakeNode(), speaker="huawei", text=HUAWEI, peers=["100.0.0.1", "172.20.0.12"])
    assert [(one["name"], one["state"], one["imported"]) for one in told["neighbours"]] == [
        ("100.0.0.1", "Established", 4),
        ("172.20.0.12", "Active", 0),
    ]
    assert told["verdict"] == "failed"


@pytest.mark.parametrize("speaker", ["h3c", "huawei"])
@pytest.mark.parametrize("text", ["", "% Unrecognized command found at '^' position.\n"])
def test_a_switch_that_has_printed_no_table_is_not_taken_for_one_without_peers(speaker: str, text: str) -> None:
    with pytest.raises(Unreadable, match="no table of peers"):
        look(FakeNode(), speaker=speaker, text=text)


def test_an_address_that_needs_a_line_of_its_own() -> None:
    address = "2001:db8:1234:5678:9abc:def0:1234:5678"
    rest = "                       64512       20       25    0       4 00:13:08 Established"
    found = switch.h3c_neighbours(f"  {address}\n{rest}\n")
    assert found == (Neighbour(address, "Established", 64512, imported=4),)


def test_several_next_hops_and_the_default_in_the_kernel() -> None:
    default, service = switch.installed(
        "default via 10.0.0.1 dev eth0\n10.233.5.7 nhid 16 proto bgp metric 20\n"
        "\tnexthop via 172.20.0.11 dev br0 weight 1\n"
    )
    assert (default.prefix, default.gateways) == ("0.0.0.0/0", ("10.0.0.1",))
    assert (service.prefix, service.gateways, service.protocol) == ("10.233.5.7/32", ("172.20.0.11",), "bgp")


def test_the_verdict() -> None:
    assert verdict(View(), ()) == "proved"


SIX = """fd00:10:233::100/122 blackhole [static1 09:00:00] * (200)
fd00:10:233::200/122 via fd00:20:1::12 on eth0 [Mesh_fd00_20_1__12 09:00:02] * (100/0) [i]
"""


def test_ipv6_has_a_bird_and_a_table_of_its_own() -> None:
    protocols = "Mesh_fd00_20_1__12 BGP      master   up     22:59:12    Established\n"
    told = {"show protocols all": protocols, "show route": SIX, "show status": "Daemon is up and running\n"}
    kernel = "blackhole fd00:10:233::100/122 dev lo proto bird metric 1024 pref medium\ndefault via fe80::1 dev eth0\n"
    here = FakeNode(
        commands={
            ("bird_socket", "/var/run/calico/bird6.ctl", *told): printed(json.dumps(told)),
            ("ip", "-6", "route"): printed(kernel),
        }
    )
    found = look(here, family="ipv6", peers=["fd00:20:1::12"], reach=["2001:db8::1"])
    assert [(one["topic"], one["thing"]) for one in found["faults"]] == [("not_in_kernel", "fd00:10:233::200/122")]
    assert bird.routes(SIX)[1].source == "fd00:20:1::12"


def test_frr_tells_a_neighbour_of_ipv6_by_its_wide_address() -> None:
    hops = [{"ip": "fd00:20:1::13", "scope": "global"}, {"ip": "fe80::1", "scope": "link-local", "used": True}]
    table = {"routes": {"fd00:10:233::300/122": [{"valid": True, "nexthops": hops}]}}
    summary = {"ipv4Unicast": {"peers": {"a": {}}}, "ipv6Unicast": {"peers": {"fd00:20:1::13": {"state": "Active"}}}}
    here = FakeNode(
        commands={
            ("vtysh", "-c", "show bgp summary json"): printed(json.dumps(summary)),
            ("vtysh", "-c", "show bgp ipv6 unicast json"): printed(json.dumps(table)),
            ("ip", "-6", "route"): printed(""),
        }
    )
    owner = {"fd00:10:233::300/122": ["fd00:20:1::13"]}
    found = look(here, speaker="frr", family="ipv6", peers=["fd00:20:1::13"], prefixes=owner)
    assert [one["topic"] for one in found["faults"]] == ["down", "not_in_kernel"]
