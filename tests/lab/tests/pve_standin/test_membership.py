"""Accepting a node: the refusals recorded from upstream's own code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pve_standin.cluster import corosync_conf, membership
from pve_standin.core.errors import ApiError

DATA = Path(__file__).parent / "data"


def entry(sample: str, name: str, **params: Any) -> dict[str, str]:
    conf = corosync_conf.parse((DATA / f"corosync.conf.{sample}").read_text(encoding="utf-8"))
    return membership.new_entry(conf, name, params)


def refusal(sample: str, name: str, **params: Any) -> str:
    with pytest.raises(ApiError) as caught:
        entry(sample, name, **params)
    return caught.value.message


def test_a_new_node_gets_the_lowest_free_id() -> None:
    assert entry("3nodes", "pve4", link0="172.10.10.14") == {
        "name": "pve4",
        "nodeid": "4",
        "quorum_votes": "1",
        "ring0_addr": "172.10.10.14",
    }


def test_without_links_the_nodes_own_address_serves_a_cluster_of_one_link() -> None:
    assert entry("3nodes", "pve4", new_node_ip="172.10.10.14")["ring0_addr"] == "172.10.10.14"


@pytest.mark.parametrize(
    ("sample", "name", "params", "reason"),
    [
        (
            "3nodes",
            "pve4",
            {"link0": "172.10.10.12"},
            "corosync: address '172.10.10.12' already used on link ring0_addr by node 'pve2'",
        ),
        (
            "3nodes",
            "pve4",
            {"link0": "172.10.10.14", "link1": "10.0.0.4"},
            "corosync: link 1 specified for new node doesn't exist in cluster config",
        ),
        (
            "3nodes",
            "pve4",
            {"link1": "10.0.0.4"},
            "corosync: link 0 exists in cluster config but wasn't specified for new node",
        ),
        ("3nodes", "pve4", {}, "no links and no fallback ip (new_node_ip) given, cannot join cluster"),
        ("3nodes", "pve3", {"link0": "172.10.10.13"}, "can't add existing node 'pve3'"),
        ("3nodes", "pve3", {"link0": "172.10.10.13", "force": 1, "nodeid": 9}, "can't add existing node 'pve3'"),
        (
            "create-2links-prio",
            "pve2",
            {"new_node_ip": "172.10.10.12"},
            "no links given but multiple links found on other nodes, fallback only supported on single-link clusters",
        ),
    ],
)
def test_refusals(sample: str, name: str, params: dict[str, Any], reason: str) -> None:
    assert refusal(sample, name, **params) == reason


def test_force_overwrites_a_node_with_the_same_id_and_votes(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry("3nodes", "pve3", link0="172.10.10.13", force=1)["nodeid"] == "3"
    assert capsys.readouterr().out == "forcing overwrite of configured node 'pve3'\n"
