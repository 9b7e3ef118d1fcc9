"""node_membership and migrations that go on by themselves: begun once, waited for, given up when they have failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Program, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.migration import Migration, parse_log
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.membership import TASKS
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.leaving_node import Leaving, ids, params, plan
from ....doubles.support import printed

LOG = "/run/baremetal.virt/migrate-100.log"
LOCKED = "name: web\nlock: migrate\nscsi0: share:100/d.raw\n"
#: As pvesh prints it when another node works on it: first what was on standard error, then lines without an end.
OF_ANOTHER_NODE = (
    "migration aborted\nstarting migration of VM 102 to node 'pve2' (10.10.1.12)copying local disk 'local:1'ERROR:"
    " migration aborted (duration 00:00:00): storage migration for 'local:1' failed\"UPID:pve3:qmigrate:102:\"\n"
    "exit code 0\n"
)
ABORTED = "2026-11-29 21:07:44 ERROR: migration aborted (duration 00:00:09): no room\n"


def migrating(text: str = "pid 7\n", alive: bool = True) -> Leaving:
    node = Leaving().guest(100, LOCKED, running=True).guest(101)
    node.files[LOG] = text
    if alive:
        node.files["/proc/7"] = ""
    node.commands[TASKS] = printed(json.dumps([{"node": "pve3", "type": "qmigrate", "id": "100"}]))
    return node


def test_one_that_is_at_work_is_waited_for_and_not_begun_again() -> None:
    """Whoever began it may have been killed; its lock and its task are in nobody's way."""
    made = plan(migrating(), "drain")
    assert made.refusals == ()
    assert ids(made) == ["guest.moved:100", "guest.migrate:101", "guest.moved:101"]


@pytest.mark.parametrize(("text", "alive"), [("pid 7\n", False), ("pid 7\nexit code 0\n", True), ("", True)])
def test_one_that_is_not_is_as_locked_as_any_other(text: str, alive: bool) -> None:
    reasons = [refusal.reason for refusal in plan(migrating(text, alive), "drain").refusals]
    assert reasons == ["Tasks are running on pve3: qmigrate 100.", "VM 100 (web) is locked (migrate)."]


def test_what_this_run_has_begun_it_does_not_begin_again() -> None:
    """It has ended between two looks; that the guest is still here shows in the wait for it."""
    made = plan(Leaving().guest(100).guest(101), "drain", done=["guest.migrate:100"])
    assert ids(made) == ["guest.moved:100", "guest.migrate:101", "guest.moved:101"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (ABORTED + "exit code 0\n", "migration aborted (duration 00:00:09): no room."),
        (ABORTED, "migration aborted (duration 00:00:09): no room."),
        (OF_ANOTHER_NODE, "failed: migration aborted (duration 00:00:00): storage migration for 'local:1' failed."),
        ("storage 'fast' is not available on node 'pve2'\nexit code 2\n", "available on node 'pve2' / exit code 2."),
        ("exit code -9\n", "failed: exit code -9."),
    ],
)
def test_one_that_has_failed_ends_the_run_with_its_reason(said: str, words: str) -> None:
    node = Leaving().guest(100)
    node.files[LOG] = f"pid 7\n\n{said}"
    with pytest.raises(StepFailed) as failure:
        drain(node, done=["guest.migrate:100"])
    assert failure.value.message.startswith("wait until VM 100 (vm100) has left pve3 failed: ")
    assert words in failure.value.message
    assert "still on pve3" in failure.value.hint


def drain(node: Leaving, **changes: Any) -> dict[str, Any]:
    return converge(SUBJECT, params("drain", **changes), node, False, lambda step, at: at.act(step) or "")


def test_a_log_of_another_time_does_not_matter() -> None:
    node = Leaving().guest(100)
    node.files[LOG] = f"pid 7\n\n{ABORTED}exit code 0\n"
    assert drain(node)["plan"][0].startswith("begin to migrate VM 100 ")
    assert not any("/pve3/qemu-server/" in path for path in node.files)


def test_a_success_that_is_not_seen_yet_is_waited_for() -> None:
    """As where the HA manager has the guest: then the command has only told it to migrate it."""
    [begin, wait] = plan(Leaving().guest(100), "drain").steps
    assert isinstance(begin.action, Program) and begin.action.arguments[:4] == (
        *(LOG, "pvesh", "create"),
        "/nodes/pve3/qemu/100/migrate",
    )
    assert isinstance(wait.action, Wait)
    [failed] = wait.action.lost
    assert not failed.judge("pid 7\nmigration finished successfully (duration 00:00:08)\nexit code 0\n")
    assert not failed.judge(None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("pid x\n", None),
        ("pid 7\n", Migration(7, ended=False)),
        ("pid 7\nbegun\n\nhalf of it\n", Migration(7, ended=False, last_words="half of it")),
        ("pid 7\ndone\nexit code 0\n", Migration(7, ended=True, last_words="done")),
    ],
)
def test_what_a_log_says(text: str, found: Migration) -> None:
    assert parse_log(text) == found
