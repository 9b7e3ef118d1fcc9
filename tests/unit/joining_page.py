"""The table in docs/joining.md: nodes in every state on the way into a cluster, and what the code makes of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe

from ..doubles import cluster_nodes as lab
from ..doubles.cluster_wishes import joining, lead, params, sentences
from ..doubles.cluster_wishes import plan as plan_of
from ..doubles.support import FakeNode, printed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "joining.md"
NAME = "states"


@dataclass(frozen=True)
class Case:
    """A node, what is wanted of it, and how a reader tells this case from the others."""

    text: str
    node: Callable[[], FakeNode]
    wish: Callable[[], dict[str, Any]] = field(default=params)


def _with(node: FakeNode, files: dict[str, str]) -> FakeNode:
    node.files.update(files)
    return node


def _busy() -> FakeNode:
    node = _with(lab.standalone(3), {lab.LOCK: ""})
    node.commands[lab.PROBE] = Completed(1, "", "")
    return node


def _moved_away() -> FakeNode:
    node = lab.half_joined(3)
    lab.stop_pmxcfs(node)
    del node.files[lab.DATABASE]
    return node


def _stopped() -> FakeNode:
    node = lab.member(3)
    node.commands[lab.UNITS] = printed("active\ninactive\n")
    return node


def _older() -> FakeNode:
    config = lab.THREE.replace("config_version: 3", "config_version: 2")
    return _with(lab.member(3, lab.THREE, lab.STATUS_NO_QUORUM), {lab.CONFIG: config, lab.LOCAL_CONFIG: config})


def _without_certificate() -> FakeNode:
    node = lab.member(3)
    lab.send_data(node)
    del node.files["/etc/pve/nodes/pve3/pve-ssl.pem"]
    return node


def _alone() -> FakeNode:
    return lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM)


def _arrived_once() -> dict[str, Any]:
    member = lab.member(1, lab.THREE, lab.STATUS_ONE_DOWN)
    return joining(lead=lead(_with(member, {"/etc/pve/nodes/pve3/pve-ssl.pem": lab.CERTIFICATE})))


def _listed(status: str) -> Callable[[], dict[str, Any]]:
    return lambda: joining(lead=lead(lab.member(1, lab.THREE, status)))


def _missing(state: str) -> Callable[[], dict[str, Any]]:
    found = [{"name": f"pve{n}", "state": state, "links": [f"10.10.{net}.1{n}" for net in (1, 2)]} for n in (2, 3)]
    return lambda: params(nodes=found)


def _forgotten() -> dict[str, Any]:
    return joining(lead=lead(lab.member(1, lab.TWO, lab.STATUS_REMOVED)))


def _unsent() -> dict[str, Any]:
    return joining(lead=lead(lab.member(1, lab.TWO, lab.STATUS_REMOVED)))


_GUEST = {lab.VMLIST: json.dumps({"ids": {"100": {"node": "pve2", "type": "qemu"}}})}
_KEY = {lab.AUTHKEY: "of a cluster"}

CASES = (
    Case("the first node", lambda: lab.standalone(1)),
    Case("a node that joins", lambda: lab.standalone(2), joining),
    Case("the same, with a guest", lambda: _with(lab.standalone(2), _GUEST), joining),
    Case("the same, with a key of unknown origin", lambda: _with(lab.standalone(2), _KEY), joining),
    Case("cut after *request*", lambda: lab.standalone(3), _listed(lab.STATUS_ONE_DOWN)),
    Case("cut after *authkey*", lambda: _with(lab.standalone(3), _KEY), _listed(lab.STATUS_ONE_DOWN)),
    Case("another machine of that name, the first one runs", lambda: lab.standalone(3), _listed(lab.STATUS_THREE)),
    Case("installed anew under the name of a dead member", lambda: lab.standalone(3), _arrived_once),
    Case("pvecm still works, its controller is gone", _busy, _listed(lab.STATUS_ONE_DOWN)),
    Case("cut after *corosync.conf*", lambda: lab.half_joined(3), _listed(lab.STATUS_ONE_DOWN)),
    Case("cut after *unlink*", _moved_away, _listed(lab.STATUS_ONE_DOWN)),
    Case("the cluster does not list the node (any more)", lambda: lab.half_joined(3), _forgotten),
    Case("no member could be asked", lambda: lab.half_joined(3)),
    Case("the creation was cut", lab.half_created),
    Case("arrived", lambda: lab.member(3), _listed(lab.STATUS_THREE)),
    Case("the other members were cut off while it joined", lab.unsynchronised, _unsent),
    Case("cut before *certificate*", _without_certificate, _listed(lab.STATUS_THREE)),
    Case("removed behind its back", lambda: lab.member(3), _forgotten),
    Case("corosync was stopped", _stopped, _listed(lab.STATUS_THREE)),
    Case("waits for quorum with an older configuration", _older, _listed(lab.STATUS_THREE)),
    Case("the others are joining just now", _alone, _missing("joining")),
    Case("the others were seen in no cluster", _alone, _missing("standalone")),
    Case("nothing is known of the others", _alone),
)


def table() -> str:
    head = ("what happened", "state", "on the node", "the cluster's list", "what is done")
    rows = [head, ("---",) * len(head), *(_row(case) for case in CASES)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def states() -> set[str]:
    return {observe(case.node()).state for case in CASES}


def _row(case: Case) -> tuple[str, ...]:
    node = case.node()
    plan = plan_of(node, **case.wish())
    refused = [f"**refused**: {refusal.reason}" for refusal in plan.refusals]
    done = refused or sentences(plan) or ["nothing"]
    return case.text, observe(node).state, _evidence(node), _listing(case), "<br>".join(done)


def _evidence(node: FakeNode) -> str:
    """What is found, in the order in which a join makes it."""
    seen = observe(node)
    quorum = seen.membership is not None and seen.membership.quorate
    found = (
        ("pvecm at work", seen.busy),
        ("`authkey`", seen.authkey),
        ("`corosync.conf`", seen.local_config is not None),
        ("`config.db`", seen.database and seen.config is None),
        ("`/etc/pve/corosync.conf`", seen.config is not None),
        ("quorum" if quorum else "no quorum", seen.membership is not None),
        (
            "none of the cluster's data",
            seen.config is not None and seen.membership is not None and not seen.authority.whole,
        ),
        ("corosync off", seen.config is not None and seen.membership is not None and "corosync" in seen.inactive),
        ("no certificate", seen.mounted and seen.certificate is None),
        ("guests", bool(seen.guests)),
    )
    return ", ".join(word for word, there in found if there)


def _listing(case: Case) -> str:
    """What the member that was asked says of this node."""
    asked = (case.wish()["context"] or {}).get("lead")
    if asked is None:
        return "not asked"
    name = case.node().files["/proc/sys/kernel/hostname"].strip()
    own = next((one for one in asked["nodes"] if one["name"] == name), None)
    if own is None:
        return "no"
    return "yes, online" if own["online"] else "yes, offline" if own["left"] is None else "yes, offline, arrived once"
