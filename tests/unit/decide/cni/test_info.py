"""What a node has for pods is told in the form in which it is declared, with what is wrong and what pods will meet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.preflight import findings, pod_mtu
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Link
from ansible_collections.baremetal.virt.plugins.modules.cni_network_info import INQUIRY

from ....doubles.cni_node import CniFake
from .test_network import LIST, PATH, listed, options, plan


def asked(node: CniFake, **given: Any) -> Mapping[str, Any]:
    spec = INQUIRY.argument_spec
    return INQUIRY.answer(node, {**{name: one.get("default") for name, one in spec.items()}, **given})


def test_what_is_there_can_be_declared() -> None:
    node = CniFake(files={PATH: json.dumps(LIST), "/etc/cni/net.d/99-x.conflist": "{}"}).with_runtime()
    told = asked(node)
    assert (
        plan(node, options(*(listed(one["config"], one["file"]) for one in told["lists"])))
        .steps[0]
        .id.startswith("file.notice")
    )
    assert told["not_loaded"] == {"99-x.conflist": "it has no name"}
    assert told["wins"]["cnitool"] == {"pods": {"files": ["10-pods.conflist"], "stopped_by": ""}}
    assert told["plugins"]["bridge"]["release"] == "1.1.1"
    assert told["silent"] == {"10-pods.conflist": {"bridge": ["ipRanges", "ips", "mac"]}}
    assert (told["mtu"], told["pod_mtu"]["vxlan"]) == (1500, 1450)
    assert told["runtime"]["name"] == "containerd"
    json.dumps(told)


def test_what_is_wrong_is_told_with_its_topic() -> None:
    masqueraded = {**LIST, "plugins": [{**LIST["plugins"][0], "ipMasq": True}]}
    node = CniFake(files={PATH: json.dumps(masqueraded), "/etc/cni/net.d/99-x.conflist": "{}"})
    node.bridge("cni0", "10.1.1.1", 24)
    told = asked(node, pod_prefixes=["10.244.0.0/16"])
    assert [(one["file"], one["topic"]) for one in told["faults"]] == [
        ("10-pods.conflist", "masquerades_cluster_prefix"),
        ("10-pods.conflist", "bridge_has_other_address"),
        ("99-x.conflist", "does_not_load"),
    ]


def test_a_node_without_anything_answers() -> None:
    told = asked(CniFake(plugins={}))
    assert (told["lists"], told["faults"], told["runtime"]) == ([], [], None)


def link(name: str, **keys: Any) -> Link:
    told: dict[str, Any] = {"mac": "", "up": True, "carrier": True, "mtu": 1500, "addresses": (), **keys}
    return Link(name, **told)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"net/bridge/bridge-nf-call-iptables": 1}, ["pass the iptables of this machine"]),
        ({"net/bridge/bridge-nf-call-iptables": 0}, ["come from the wrong address"]),
        (
            {"net/bridge/bridge-nf-call-iptables": 1, "net/netfilter/nf_conntrack_count": 80},
            ["pass the iptables of this machine"],
        ),
        (
            {
                "net/bridge/bridge-nf-call-iptables": 1,
                "net/netfilter/nf_conntrack_count": 80,
                "net/netfilter/nf_conntrack_max": 100,
            },
            ["pass the iptables of this machine", "80 of 100 connections"],
        ),
    ],
)
def test_filters_and_connections(settings: dict[str, int], words: list[str]) -> None:
    found = [one.text for one in findings({"vmbr0": link("vmbr0", kind="bridge")}, settings, 1500)]
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_forwarding_matters_where_there_are_addresses() -> None:
    node = CniFake()
    node.files["/proc/sys/net/ipv4/ip_forward"] = "0\n"
    node.files["/proc/sys/net/ipv6/conf/all/forwarding"] = "0\n"
    assert [one["text"] for one in asked(node)["preflight"]] == [
        "net/ipv4/ip_forward is 0: no packet gets from a pod to another node over IPv4."
    ]


@pytest.mark.parametrize(("mtu", "found"), [(1450, ["get 1400 at most"]), (1500, ["more than the 1450", "1400"])])
def test_vxlan_in_vxlan(mtu: int, found: list[str]) -> None:
    links = {
        "vnet1": link("vnet1", kind="bridge", mtu=mtu),
        "vxlan_vnet1": link("vxlan_vnet1", kind="vxlan", master="vnet1", mtu=mtu),
    }
    told = [one.text for one in findings(links, {"net/bridge/bridge-nf-call-iptables": 1}, 1500)][1:]
    assert all(word in text for word, text in zip(found, told, strict=True))


def test_nothing_is_made_up_where_there_is_no_way_out() -> None:
    assert pod_mtu(0) == {}
