"""A node that was drained takes guests again."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.leaving_node import Leaving, params
from ....doubles.support import assert_converges_from_every_kill

WISH = params("resume")


def drained() -> Leaving:
    node = Leaving().write("/etc/pve/ha/resources.cfg", "")
    node.maintain("pve3")
    return node


def test_the_ha_manager_uses_it_again() -> None:
    assert [step.id for step in make_plan(SUBJECT, WISH, drained()).steps] == [
        "maintenance.disable:pve3",
        "maintenance.end:pve3",
    ]
    assert assert_converges_from_every_kill(SUBJECT, WISH, drained) == 3


def test_one_whose_name_the_ha_manager_was_told_to_keep_free_before_it_joined() -> None:
    """The manager has not come to it yet; a moment later it would."""
    node = drained()
    node.files["/etc/pve/ha/manager_status"] = node.files["/etc/pve/ha/manager_status"].replace(
        '"maintenance"}', '"online"}'
    )
    assert len(make_plan(SUBJECT, WISH, node).steps) == 2


def test_one_that_was_not_drained_needs_nothing() -> None:
    plan = make_plan(SUBJECT, WISH, Leaving())
    assert not plan.steps and not plan.refusals


def test_one_that_is_off_is_refused() -> None:
    [refusal] = make_plan(SUBJECT, WISH, drained().off("pve3")).refusals
    assert str(refusal).startswith("pve3 is not an online member of a cluster with quorum.")
