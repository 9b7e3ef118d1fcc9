"""Addresses for pods: ranges that host-local takes, and whom they must not meet."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.ranges import (
    masquerades,
    prefix_faults,
    range_faults,
    ranges_of,
)

from .test_conflist import CASES, loaded

DISGUISE = CASES / "pods-meet-in-disguise"
PODS, SERVICES = (ipaddress.ip_network("10.244.0.0/16"),), (ipaddress.ip_network("10.96.0.0/12"),)


def with_ipam(ipam: dict[str, Any], **keys: Any) -> Any:
    plugin = {"type": "bridge", "ipam": {"type": "host-local", **ipam}, **keys}
    return loaded({"cniVersion": "1.0.0", "name": "a", "plugins": [plugin]})


def test_masquerading_that_hides_pods_from_each_other() -> None:
    conflist = loaded(json.loads((DISGUISE / "node1.conflist").read_text()))
    right = yaml.safe_load((DISGUISE / "right.yml").read_text())["static"]
    (fault,) = masquerades(conflist, [ipaddress.ip_network(right["pod_prefix"])])
    assert (fault.topic, fault.told) == (right["topic"], right["ok"])
    assert " and ".join(right["exempt"]) in fault.text


@pytest.mark.parametrize(
    ("masq", "prefix"), [(False, "10.244.0.0/16"), (True, "10.244.1.0/24"), (True, "10.99.0.0/16"), (True, "fd00::/48")]
)
def test_masquerading_that_hides_nobody(masq: bool, prefix: str) -> None:
    conflist = with_ipam({"subnet": "10.244.1.0/24"}, ipMasq=masq)
    assert not list(masquerades(conflist, [ipaddress.ip_network(prefix)]))


def test_ends_that_are_not_said_are_host_locals() -> None:
    (one,) = ranges_of(with_ipam({"subnet": "10.1.0.0/16"}))
    assert [str(part) for part in (one.first, one.last, one.gateway)] == ["10.1.0.1", "10.1.255.254", "10.1.0.1"]


@pytest.mark.parametrize(
    ("ipam", "words"),
    [
        ({"subnet": "10.1.0.5/16"}, "has host bits set"),
        ({"subnet": "10.1.0.0/31"}, "has no address that could be given"),
        ({"ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.2.0.1"}]]}, "does not hold rangeStart 10.2.0.1"),
        ({"ranges": [[{"rangeStart": "10.2.0.1"}]]}, "a range is none"),
        (
            {"ranges": [[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9", "rangeEnd": "10.1.0.3"}]]},
            "a range that ends first",
        ),
        ({"ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.1.0.0/16"}]]}, "overlap"),
    ],
)
def test_a_range_that_host_local_does_not_take(ipam: dict[str, Any], words: str) -> None:
    assert any(words in fault.text for fault in range_faults(with_ipam(ipam)))


def test_two_parts_of_one_subnet_do_not_meet() -> None:
    parts = [
        {"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.10", "rangeEnd": "10.1.0.20"},
        {"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.30", "rangeEnd": "10.1.0.40"},
    ]
    assert not list(range_faults(with_ipam({"ranges": [parts]})))


@pytest.mark.parametrize(
    ("subnet", "topics"),
    [
        ("10.244.1.0/24", []),
        ("10.100.0.0/24", ["overlaps", "outside_pod_prefix"]),
        ("10.50.0.0/24", ["outside_pod_prefix"]),
        ("fd00::/64", []),
    ],
)
def test_ranges_lie_among_the_pods_and_outside_the_services(subnet: str, topics: list[str]) -> None:
    found = prefix_faults(with_ipam({"subnet": subnet}), PODS, SERVICES)
    assert [fault.topic for fault in found] == topics
