"""What a node announces, and what of it a reflector passes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.decide.kube.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.calico import Block, Borrowed, Pool
from ansible_collections.baremetal.virt.plugins.module_utils.observe.kube.calico import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.blocks import announced, passed_on
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.calico import decide

from ....doubles.fabric_cases import fresh, options

BLOCKS = (
    Block("10.233.90.0/26", "node1"),
    Block("10.233.102.64/26", "node1"),
    Block("10.200.7.0/26", "node1"),
    Block("10.240.3.0/26", "node1"),
    Block("10.233.75.192/26", "node2"),
    Block("10.233.99.0/26", "node2", "pendingDeletion"),
)
POOLS = (Pool("10.233.64.0/18"), Pool("10.240.0.0/16", exported=False))
OLD = {"10.200.7.0/26": ("a/old-1 (10.200.7.5)", "a/old-2 (10.200.7.9)")}


def observed(**other: Any) -> Any:
    desired = desired_from(options())
    found = observe(fresh(), desired.fabric)
    borrowed = (Borrowed("10.233.90.17/32", "node1", "node2"),)
    return replace(found, **{"blocks": BLOCKS, "pools": POOLS, "borrowed": borrowed, "tenants": OLD, **other})


def sets(told: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    return {name: set(prefixes) for name, prefixes in told.items() if prefixes}


def test_blocks_are_announced_and_no_pod_network_of_a_node() -> None:
    assert sets(announced(observed())) == {
        "node1": {"10.233.90.0/26", "10.233.102.64/26", "10.200.7.0/26"},
        "node2": {"10.233.75.192/26", "10.233.90.17/32"},
    }
    assert announced(observed())["node3"] == ()


def test_a_reflector_passes_on_what_lies_in_a_pool() -> None:
    assert sets(passed_on(observed())) == {
        "node1": {"10.233.90.0/26", "10.233.102.64/26"},
        "node2": {"10.233.75.192/26", "10.233.90.17/32"},
    }


def refusals(**other: Any) -> Iterator[str]:
    return map(str, decide(desired_from(options()), observed(**other)).refusals)


def test_pods_in_a_block_without_a_pool_would_be_cut_off() -> None:
    told = " ".join(refusals())
    assert "10.200.7.0/26 lies in no IPPool" in told
    assert "a/old-1 (10.200.7.5), a/old-2 (10.200.7.9)" in told
    assert "disabled: true" in told


def test_a_disabled_pool_for_it_is_the_remedy() -> None:
    assert not list(refusals(pools=(*POOLS, Pool("10.200.7.0/26"))))


def test_an_empty_block_is_no_reason() -> None:
    assert not list(refusals(tenants={}))


def test_a_hidden_pool_is_one_only_where_no_overlay_carries_it() -> None:
    tenants = {"10.240.3.0/26": ("a/b (10.240.3.1)",)}
    hidden = (Pool("10.233.64.0/18"), Pool("10.200.0.0/16"))
    assert list(refusals(tenants=tenants, pools=(*hidden, Pool("10.240.0.0/16", exported=False))))
    assert not list(refusals(tenants=tenants, pools=(*hidden, Pool("10.240.0.0/16", exported=False, vxlan="Always"))))
