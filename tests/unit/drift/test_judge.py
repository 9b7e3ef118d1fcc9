"""Which changes are told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.drift.judge import OWN_MANAGER, Judge, Watch
from ansible_collections.baremetal.virt.plugins.module_utils.informer.notification import Notification
from ansible_collections.baremetal.virt.plugins.module_utils.informer.store import DeletedFinalStateUnknown

from ...doubles.kube_script import thing


def mesh(on: bool, version: int, by: str = "kubectl", uid: str = "u", **metadata: Any) -> dict[str, Any]:
    made = thing("default", version, uid=uid, spec={"mesh": on})
    made["metadata"].update(managedFields=[{"manager": by, "time": f"{version:05}"}], **metadata)
    return made


def judged(judge: Judge, old: Any, new: Any, **more: Any) -> str:
    drift = judge.judge(Notification("default", old, new, **more))
    return "" if drift is None else f"{drift.change} {' '.join(drift.fields)}".strip()


@pytest.fixture
def judge() -> Judge:
    return Judge(Watch("things"))


def test_what_is_there_at_the_start_is_no_change(judge: Judge) -> None:
    assert judged(judge, None, mesh(True, 1), initial=True) == ""
    assert judged(judge, None, mesh(True, 1)) == "add spec.mesh"


def test_a_change_in_what_is_declared_is_told(judge: Judge) -> None:
    assert judged(judge, mesh(False, 1), mesh(True, 2)) == "update spec.mesh"
    assert judged(judge, mesh(True, 2), mesh(True, 3)) == ""


def test_what_we_do_ourselves_is_not_and_neither_is_the_way_back_to_it(judge: Judge) -> None:
    assert judged(judge, mesh(True, 2), mesh(False, 3, by=OWN_MANAGER)) == ""
    assert judged(judge, mesh(False, 3), mesh(True, 4)) == "update spec.mesh"
    assert judged(judge, mesh(True, 4), mesh(False, 5)) == ""


def test_a_field_of_ours_that_somebody_takes_away_is_told() -> None:
    """The server notes nobody for that: the last who has written a field is still who we are."""
    judge = Judge(Watch("things"))
    ours = mesh(False, 3, by=OWN_MANAGER)
    assert judged(judge, mesh(True, 2), ours) == ""
    without = {**ours, "spec": {}}
    assert judged(judge, ours, without) == "update spec.mesh"
    assert judged(judge, without, mesh(False, 4)) == "", "the way back to what we have made"


def test_what_was_ours_at_the_start_is_not_known_to_be_right(judge: Judge) -> None:
    assert judged(judge, None, {**mesh(True, 3, by=OWN_MANAGER), "spec": {}}, initial=True) == ""
    assert judged(judge, mesh(True, 4), {**mesh(True, 5), "spec": {}}) == "update spec.mesh"


def test_what_was_there_at_the_start_is_not_known_to_be_right(judge: Judge) -> None:
    """Somebody sets it right, and somebody else sets it back: the second is told as well."""
    wrong, right = mesh(True, 1), mesh(False, 2)
    assert judged(judge, None, wrong, initial=True) == ""
    assert judged(judge, wrong, right) == "update spec.mesh"
    assert judged(judge, right, mesh(True, 3)) == "update spec.mesh"


def test_what_a_run_has_found_right_is_known_to_be(judge: Judge) -> None:
    judge.prove("default", mesh(False, 2))
    assert judged(judge, mesh(False, 2), mesh(True, 3)) == "update spec.mesh"
    assert judged(judge, mesh(True, 3), mesh(False, 4)) == ""


def test_what_is_being_deleted_is_left_alone_until_it_is_gone(judge: Judge) -> None:
    dying = mesh(True, 3, deletionTimestamp="now")
    judge.prove("default", dying)
    assert judged(judge, mesh(False, 2), dying) == ""
    assert judged(judge, dying, None, gone=dying) == "delete"


@pytest.mark.parametrize("gone", [mesh(True, 3), DeletedFinalStateUnknown("default", mesh(True, 3))])
def test_what_is_gone_is_told_with_who_it_was(judge: Judge, gone: Any) -> None:
    drift = judge.judge(Notification("default", None, None, gone))
    assert drift is not None
    assert drift.event()["drift"] == {
        "key": "things/default",
        "watch": "things",
        "mode": "notify",
        "object": "default",
        "change": "delete",
        "fields": [],
        "replaced": False,
        "uid": "",
        "old_uid": "u",
    }


def test_another_object_is_told_with_both(judge: Judge) -> None:
    judge.prove("default", mesh(True, 1))
    drift = judge.judge(Notification("default", mesh(True, 1), mesh(True, 9, uid="v")))
    assert drift is not None and drift.event()["drift"]["replaced"]
    assert (drift.uid, drift.old_uid, drift.change) == ("v", "u", "replace")
