"""The context that a node is given: understood, or refused with what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.context import context_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.context import ClusterContext
from ansible_collections.baremetal.virt.plugins.modules.cluster import SUBJECT

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_site import THREE, seen
from ....doubles.cluster_wishes import argv, ids, params
from .test_paths import paths


@pytest.mark.parametrize("host", sorted(THREE))
def test_what_the_filter_gives_is_understood(host: str) -> None:
    given = {**seen(THREE)["hosts"][host]["context"], "paths": paths()}
    assert context_from(given).document() == given


def test_what_is_left_out_is_empty() -> None:
    assert context_from({}) == ClusterContext()


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"seed": "pve1"}, "seed is not part of it"),
        ({"lead": {}}, "KeyError 'address'"),
        ({"lead": "pve1"}, "cannot be understood"),
        ({"nodes": [{"links": []}]}, "KeyError 'name'"),
        ({"lead": {"address": "a", "nodes": [{"name": "a", "nodeid": 1, "votes": 1, "links": {"0": "b"}}]}}, "no link"),
        ({"paths": {"ways": [{"node": "pve1"}]}}, "TypeError"),
    ],
)
def test_what_is_wrong_with_it_is_said(context: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        context_from(context)


def test_a_lead_alone_is_enough_to_join_by_hand() -> None:
    made = make_plan(SUBJECT, {**params(), "lead": "10.10.1.11"}, lab.standalone(2))
    assert ids(made) == ["cluster.join:lab"] and argv(made)[:3] == ("pvecm", "add", "10.10.1.11")


def test_a_lead_beside_a_context_would_be_a_second_one() -> None:
    given = {**params(), "lead": "10.10.1.11", "context": {}}
    validation = ArgumentSpecValidator(dict(SUBJECT.argument_spec), **SUBJECT.constraints).validate(given)
    assert "mutually exclusive" in validation.error_messages[0]
