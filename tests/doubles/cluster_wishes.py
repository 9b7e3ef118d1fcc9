"""What is wanted of a cluster's nodes, and the plans for it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.context import ClusterContext
from ansible_collections.baremetal.virt.plugins.modules.cluster import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from . import cluster_nodes as lab
from .support import FakeNode

CREATE = "create the cluster lab with link0 10.10.1.11, link1 10.10.2.11"
PARTS = {field.name for field in fields(ClusterContext)}
JOIN = "join the cluster lab through 10.10.1.11 with link0 10.10.1.12, link1 10.10.2.12"


def params(**changes: Any) -> dict[str, Any]:
    """``changes`` of the parameters, or of the parts of the context."""
    given: dict[str, Any] = {
        "name": "lab",
        "links": lab.LINKS,
        "link_priorities": [],
        "nodeid": None,
        "votes": None,
        "lead": None,
        "context": None,
        "fingerprint": None,
        "join_method": "ticket",
        "ticket": None,
        "password": None,
        "latency_limit": 5.0,
        "coming": [],
        "allow_public_networks": False,
        "join_drops_keys": False,
        "try_links": [],
        "complete": False,
        "authority": None,
    }
    parts = {key: changes.pop(key) for key in list(changes) if key in PARTS}
    if parts:
        given["context"] = ClusterContext.parse(parts).document()
    return {**given, **changes}


def lead(node: Optional[FakeNode] = None, **changes: Any) -> dict[str, Any]:
    """The lead as cluster_info describes it."""
    info = answer(node or lab.member(1, lab.ONE, lab.STATUS_ONE), {"links": lab.LINKS})
    return {**{key: info[key] for key in ("address", "version", "nodes", "authorized_keys", "qdevice")}, **changes}


def joining(**changes: Any) -> dict[str, Any]:
    return params(**{"lead": lead(), "fingerprint": "AB:CD", "ticket": "PVE:root@pam:1", **changes})


def plan(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(**changes), node)


def join_plan(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, joining(**changes), node)


def sentences(made: Plan) -> list[str]:
    """Of what is done in any case."""
    return [step.why for step in made.steps]


def ids(made: Plan) -> list[str]:
    return [step.id for step in made.steps]


def argv(made: Plan) -> tuple[str, ...]:
    action = made.steps[-1].action
    assert isinstance(action, Run)
    return action.argv
