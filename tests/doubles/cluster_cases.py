"""Clusters that went wrong in public, each with the smallest corosync.conf that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.node import cluster_variables
from ansible_collections.baremetal.virt.plugins.modules.cluster import SUBJECT as CLUSTER
from ansible_collections.baremetal.virt.plugins.modules.cluster_config import SUBJECT as CONFIG
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from . import cluster_nodes as lab
from .cluster_wishes import params
from .support import FakeNode, printed

_CASES = Path(__file__).parent.parent / "unit" / "cases" / "cluster"


def corosync_conf(name: str) -> str:
    return (_CASES / name / "corosync.conf").read_text()


def member(text: str, number: int = 1) -> FakeNode:
    """A node of the three, or of the two, that this configuration lists."""
    status = lab.STATUS_THREE if text.count("nodeid:") == 3 else lab.STATUS_REMOVED
    return lab.member(number, text, status)


def resolving(text: str, number: int = 1, *unknown: str) -> FakeNode:
    """A node that finds the addresses of the lab for the names in this configuration, except for some of them."""
    node = member(text, number)
    for other in (1, 2, 3):
        for name, net in ((f"pve{other}", 1), (f"pve{other}-ring1", 2)):
            lines = (
                "" if name in unknown else f"10.10.{net}.{10 + other} STREAM {name}\n10.10.{net}.{10 + other} DGRAM\n"
            )
            node.commands["getent", "ahosts", name] = printed(lines)
    return node


def config_params(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "lab",
        "nodes": [],
        "link_priorities": [],
        "token_coefficient": None,
        "qdevice": None,
        "phase": "whole",
        "reports": [],
    }
    return {**given, **changes}


def left_of_exported(nodes: list[FakeNode]) -> list[str]:
    """What is left to do to their cluster, or refused, in a run with the inventory that is exported of these nodes."""
    left, wanted = [], []
    told = [cluster_variables(observe(node)) for node in nodes]
    for node, said in zip(nodes, told):
        links, votes = said.get("cluster_links", []), said.get("cluster_votes")
        wish = params(name=said["cluster_name"], links=links, votes=votes, nodes=[])
        wish["link_priorities"] = said.get("cluster_link_priorities", [])
        made = make_plan(CLUSTER, wish, node)
        left += [*made.sentences, *map(str, made.refusals)]
        wanted.append(answer(node, {"links": links, "votes": votes})["wanted"])
    made = make_plan(
        CONFIG,
        config_params(
            nodes=wanted,
            link_priorities=told[0].get("cluster_link_priorities", []),
            token_coefficient=told[0].get("cluster_token_coefficient"),
        ),
        nodes[0],
    )
    return [*left, *made.sentences, *map(str, made.refusals)]
