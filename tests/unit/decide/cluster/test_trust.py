"""cluster_trust: made for one join over SSH, and removed without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.cluster_trust import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_wishes import ids, join_plan
from ....doubles.support import FakeNode, assert_converges_from_every_kill

KEY, CONFIG = "/root/.ssh/ansible-join", "/etc/ssh/ssh_config.d/00-ansible-join.conf"
HOST_KEYS = ["ssh-ed25519 AAAAhost root@pve1", "ssh-rsa AAAAother root@pve1"]
JOINER = {"lead": "10.10.1.11", "host_keys": HOST_KEYS}
MEMBER = {"side": "lead", "key": "ssh-ed25519 AAAAjoin ansible-join pve2", "addresses": ["10.10.1.12", "10.10.2.12"]}
LINE = 'restrict,from="10.10.1.12,10.10.2.12" ssh-ed25519 AAAAjoin ansible-join pve2\n'


def params(**changes: Any) -> dict[str, Any]:
    empty = {"lead": None, "host_keys": None, "key": None, "addresses": None}
    return {"side": "joiner", "node": "pve2", "state": "present", **empty, **changes}


def plan(node: FakeNode, **changes: Any) -> Plan:
    return make_plan(SUBJECT, params(**changes), node)


def make_key(node: FakeNode) -> None:
    node.files.update({KEY: "private", f"{KEY}.pub": "public"})


def joiner() -> FakeNode:
    node = lab.standalone(2)
    node.effects["ssh-keygen",] = make_key
    return node


def test_the_node_that_joins() -> None:
    node = joiner()
    for step in plan(node, **JOINER).steps:
        node.act(step)
    assert node.files[f"{KEY}.known_hosts"] == "10.10.1.11 ssh-ed25519 AAAAhost\n10.10.1.11 ssh-rsa AAAAother\n"
    assert "StrictHostKeyChecking yes" in node.files[CONFIG]
    assert not plan(node, **JOINER).steps


def test_the_lead() -> None:
    node = lab.member(1)
    before = node.files[lab.KEYS]
    node.files[lab.KEYS] += 'restrict,from="10.10.1.12" ssh-ed25519 AAAAold ansible-join pve2\n'
    for step in plan(node, **MEMBER).steps:
        node.act(step)
    assert node.files[lab.KEYS] == before + LINE
    assert not plan(node, **MEMBER).steps
    for step in plan(node, side="lead", state="absent").steps:
        node.act(step)
    assert node.files[lab.KEYS] == before


def test_the_key_of_another_join_stays() -> None:
    node = lab.member(1)
    node.files[lab.KEYS] += LINE.replace("pve2", "pve3")
    assert not plan(node, side="lead", state="absent").steps


def test_every_kill_is_survived_both_ways() -> None:
    def made() -> FakeNode:
        node = joiner()
        for step in plan(node, **JOINER).steps:
            node.act(step)
        return node

    assert assert_converges_from_every_kill(SUBJECT, params(**JOINER), joiner) == 4
    assert assert_converges_from_every_kill(SUBJECT, params(state="absent"), made) == 5


def test_half_a_key_is_made_anew() -> None:
    node = joiner()
    node.files[KEY] = "private"
    assert plan(node, **JOINER).sentences[:2] == [
        f"remove {KEY}, half of a pair of keys",
        "make a key for the join of pve2",
    ]


@pytest.mark.parametrize("side", ["joiner", "lead"])
def test_what_is_missing_is_said(side: str) -> None:
    with pytest.raises(Invalid, match="^side=(joiner|lead) needs"):
        plan(joiner(), side=side)


def test_a_member_removes_what_a_killed_run_left() -> None:
    """Whoever is a member has joined; no key for it is needed any more."""
    node = lab.member(2)
    make_key(node)
    node.files[lab.KEYS] += LINE
    made = join_plan(node)
    assert ids(made) == [f"file.remove:{KEY}", f"file.remove:{KEY}.pub", "authorized_keys.forget:joins"]


def test_what_a_join_over_ssh_leaves_behind_is_announced() -> None:
    """It is made between the plan and the join, and removed when the join is proved."""
    possible = [step.id for step in join_plan(lab.standalone(2), join_method="ssh").possible]
    left = [KEY, f"{KEY}.pub", f"{KEY}.known_hosts", CONFIG]
    assert possible[3:] == [*(f"file.remove:{path}" for path in left), "authorized_keys.forget:joins"]


def test_what_a_killed_join_over_ssh_left_is_announced_in_any_join() -> None:
    node = lab.standalone(2)
    make_key(node)
    assert [step.id for step in join_plan(node).possible][3:] == [f"file.remove:{KEY}", f"file.remove:{KEY}.pub"]


def test_a_join_over_ssh_needs_neither_secret_nor_fingerprint() -> None:
    made = join_plan(lab.standalone(2), join_method="ssh")
    action = made.steps[-1].action
    assert action.argv[:4] == ("pvecm", "add", "10.10.1.11", "--use_ssh")  # type: ignore[union-attr]
    assert "--fingerprint" not in action.argv  # type: ignore[union-attr]
    assert action.stdin is None  # type: ignore[union-attr]
