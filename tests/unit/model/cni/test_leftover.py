"""What dead containers have left: rules for ports, of which the first wins, and addresses."""

from __future__ import annotations

from typing import Any

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.leftover import (
    Allocation,
    Port,
    allocation,
    before,
    nft_port_rules,
    port_rules,
    ports_of,
)

from .test_conflist import CASES

CASE = CASES / "port-of-a-dead-pod"
RULES = port_rules((CASE / "iptables_save_nat.txt").read_text())
#: What portmap 1.1.1 writes for one address of the host.
FOR_ONE_ADDRESS = (
    '-A CNI-HOSTPORT-DNAT -d 192.0.2.7/32 -p udp -m comment --comment "dnat name: \\"dn\\" id: \\"one\\"" -m multiport'
    " --dports 53 -j CNI-DN-bbbbbbbbbbbbbbbbbbbbb\n"
)
NFT = """table ip cni_hostport {
	comment "CNI portmap plugin"
	chain hostports {
		tcp dport 8080 dnat to 10.81.0.2:80 comment "old1"
		tcp dport 8080 dnat to 10.81.0.3:80 comment "new1"
	}
	chain hostip_hostports {
		ip daddr 192.0.2.7 tcp dport 8080 dnat to 10.81.0.4:80 comment "other"
	}
	chain masquerading {
		ip saddr 10.81.0.2 ip daddr 10.81.0.2 masquerade comment "old1"
	}
}
"""


def test_the_first_of_several_rules_gets_the_packets() -> None:
    wanted = yaml.safe_load((CASE / "right.yml").read_text())["ports"]
    for port, expected in wanted.items():
        protocol, number = port.split("/")
        one = Port(protocol, int(number))
        first = before(one, "nobody", RULES)[0]
        assert first.container == expected["first"]
        assert [rule.container for rule in RULES if rule.port == one][1:] == expected.get("also", [])
        assert first.to == expected.get("effective_destination", first.to)


def test_a_port_that_another_container_has() -> None:
    assert [rule.container for rule in before(Port("tcp", 9090), "x", RULES)] == ["other"]
    assert [rule.container for rule in before(Port("tcp", 8080), "new1", RULES)] == ["old1"]
    assert not before(Port("tcp", 8080), "old1", RULES)
    assert not before(Port("udp", 9090), "x", RULES)


def test_a_rule_for_one_address_of_the_host() -> None:
    (rule,) = port_rules(FOR_ONE_ADDRESS)
    assert (rule.port, rule.container, rule.to) == (Port("udp", 53, "192.0.2.7"), "one", "")
    assert rule.port.meets(Port("udp", 53))
    assert not rule.port.meets(Port("udp", 53, "192.0.2.8"))


def test_rules_of_nftables_for_one_address_are_tried_first() -> None:
    rules = nft_port_rules(NFT)
    assert [(str(rule.port), rule.container, rule.to) for rule in rules] == [
        ("192.0.2.7 tcp/8080", "other", "10.81.0.4:80"),
        ("tcp/8080", "old1", "10.81.0.2:80"),
        ("tcp/8080", "new1", "10.81.0.3:80"),
    ]


def test_a_mapping_without_a_port_of_the_host_takes_none() -> None:
    mappings: list[dict[str, Any]] = [
        {"hostPort": 53, "containerPort": 53, "protocol": "UDP", "hostIP": "192.0.2.7"},
        {"hostPort": 0, "containerPort": 80},
        {"hostPort": 80, "containerPort": 80, "hostIP": "0.0.0.0"},
    ]
    assert ports_of(mappings) == [Port("udp", 53, "192.0.2.7"), Port("tcp", 80)]


def test_what_is_no_allocation_in_that_folder_is_none() -> None:
    assert allocation("10.1.0.2", "ctr-1\r\neth0") == Allocation("10.1.0.2", "ctr-1", "eth0")
    assert allocation("fd00::2", "ctr-1") == Allocation("fd00::2", "ctr-1", "")
    assert [allocation(name, "x") for name in ("lock", "last_reserved_ip.0", "notes")] == [None] * 3
    assert allocation("10.1.0.3", "") is None
