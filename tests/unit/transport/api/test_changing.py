"""Calls of a real HTTPS server: a task's end decides, and nothing is asked for twice that might be done twice."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Plan, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, converge
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import Ticket
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.perform import perform
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.task import TaskFailed, follow

from ....doubles.api_server import PATIENT, ApiServer

pytestmark = pytest.mark.slow

LOCK = "file-user_cfg"


def adding(name: str, **more: Any) -> Step:
    call = Call("POST", "/access/users", (("userid", name),), **more)
    return Step(f"create the user {name}", call, f"user.create:{name}", "access")


def controlling(server: ApiServer, action: str, **more: Any) -> Step:
    call = Call("POST", f"/nodes/{server.node}/services/cron/{action}", task=True, **more)
    return Step(f"{action} cron", call, f"service.{action}:cron", "service", hint="Look at the node.")


def users(server: ApiServer) -> set[str]:
    return {user["userid"] for user in server.api().get("/access/users")}


def failure(server: ApiServer, step: Step, **options: Any) -> StepFailed:
    with pytest.raises(StepFailed) as caught:
        perform(step, server.api(**options))
    return caught.value


def test_a_subject_converges_by_it(server: ApiServer) -> None:
    """The engine does for the API what it does for a node: plan, carry out, look again."""
    subject: Subject[str, set[str]] = Subject(
        "user",
        {},
        desired=lambda params: params["name"],
        observe=lambda reader, desired: {user["userid"] for user in reader.get("/access/users")},
        decide=lambda desired, observed: Plan(() if desired in observed else (adding(desired),)),
    )
    api, wish = server.api(), {"name": "ann@pve"}
    assert converge(subject, wish, api, check=True, act=perform)["plan"] == ["create the user ann@pve"]
    assert "ann@pve" not in users(server)
    assert converge(subject, wish, api, check=False, act=perform)["changed"] is True
    assert converge(subject, wish, api, check=False, act=perform)["changed"] is False


def test_a_task_that_ends_well(server: ApiServer) -> None:
    api = server.api()
    assert perform(controlling(server, "restart"), api) == "restart cron\nTASK OK"
    assert api.warnings == []


def test_a_task_that_fails_is_told_with_its_log(server: ApiServer) -> None:
    server.order("task-fails srvrestart")
    failed = failure(server, controlling(server, "restart"))
    assert "restart cron failed: its task UPID:" in failed.message
    assert "ended with: the lab made this task fail. The end of its log: TASK ERROR: the lab made" in failed.message
    assert failed.hint == "Look at the node."
    assert failed.details["id"] == "service.restart:cron"


def test_a_task_that_warns_has_done_its_work(server: ApiServer) -> None:
    server.order("task-warns srvrestart")
    api = server.api()
    assert perform(controlling(server, "restart"), api).endswith("TASK WARNINGS: 1")
    (warning,) = api.warnings
    assert warning.startswith("restart cron: the lab made this task warn (log of UPID:")


def test_a_task_that_takes_too_long_and_is_stopped(server: ApiServer) -> None:
    failed = failure(server, controlling(server, "reload", timeout=0.5))
    assert "has not ended after 0 seconds; it goes on on" in failed.message
    upid = failed.message.split()[5]
    stopping = Step("stop it", Call("DELETE", f"/nodes/{server.node}/tasks/{upid}"), "task.stop", "daemon")
    assert perform(stopping, server.api()) == ""
    with pytest.raises(TaskFailed, match="ended with: unexpected status"):
        follow(server.api(), upid, 10)


def test_a_task_is_followed_while_pveproxy_is_restarted(server: ApiServer) -> None:
    api = server.api(pauses=PATIENT)
    done: list[str] = []
    step = controlling(server, "reload", timeout=3)
    following = threading.Thread(target=lambda: done.append(failure(server, step, pauses=PATIENT).message))
    following.start()
    while not api.get(f"/nodes/{server.node}/tasks?source=active"):
        time.sleep(0.1)
    with server.restarting(0.2):
        pass
    following.join()
    assert "has not ended after 3 seconds" in done[0]


def test_what_begins_no_task_though_it_should_is_a_failure(server: ApiServer) -> None:
    failed = failure(server, adding("bob@pve", task=True))
    assert failed.message == "create the user bob@pve failed: nothing was begun, the answer is None."


def test_a_refusal_is_told_whole(server: ApiServer) -> None:
    call = Call("POST", "/access/users", (("userid", "c@pve"), ("nosuch", 1), ("enable", True)))
    assert failure(server, Step("create it", call, "user.create:c@pve", "access")).message == (
        "create it failed: 400 Parameter verification failed.; "
        "nosuch: property is not defined in schema and the schema does not allow additional properties."
    )


def test_truth_is_sent_as_a_number(server: ApiServer) -> None:
    call = Call("POST", "/access/users", (("userid", "d@pve"), ("enable", False)))
    perform(Step("create it", call, "user.create:d@pve", "access"), server.api())
    assert server.api().get("/access/users/d@pve")["enable"] == 0


def test_a_lock_is_waited_for_since_nothing_was_changed(server: ApiServer) -> None:
    taken = server.lock(LOCK)
    assert "cfs-lock 'file-user_cfg' error: got lock request timeout" in failure(server, adding("e@pve")).message
    threading.Timer(1, taken.rmdir).start()
    perform(adding("e@pve"), server.api(pauses=PATIENT))
    assert "e@pve" in users(server)


def test_what_was_never_sent_is_sent_again(server: ApiServer) -> None:
    with server.restarting():
        perform(adding("f@pve"), server.api(pauses=PATIENT))
    assert "f@pve" in users(server)


@pytest.mark.parametrize(("fault", "done"), [("api-cut-before", False), ("api-cut-after", True), ("api-596", False)])
def test_what_may_have_been_done_is_not_asked_for_again(server: ApiServer, fault: str, done: bool) -> None:
    server.order(fault)
    failed = failure(server, adding(f"{fault}@pve"), pauses=PATIENT)
    assert failed.hint == "It may have been carried out all the same; the next run finds out."
    assert (f"{fault}@pve" in users(server)) is done


@pytest.mark.parametrize("fault", ["api-cut-before", "api-cut-after", "api-596"])
def test_what_may_be_done_twice_is_asked_for_again(server: ApiServer, fault: str) -> None:
    server.order(fault)
    call = Call("PUT", "/cluster/options", (("keyboard", "de"),), repeatable=True)
    perform(Step("set the keyboard", call, "keyboard.set", "access"), server.api())
    assert server.ordered == []
    assert server.api().get("/cluster/options")["keyboard"] == "de"


def test_a_secret_that_the_node_repeats_is_hidden(server: ApiServer) -> None:
    call = Call("POST", "/access/users", (("userid", "g@pve"),), secrets=(("expire", "hunter2hunter2"),))
    failed = failure(server, Step("create it", call, "user.create:g@pve", "access"))
    assert "type check ('integer') failed - got '********'" in failed.message
    assert "hunter2" not in repr(failed.as_result()) + repr(call)


def test_a_ticket_alone_changes_nothing(server: ApiServer) -> None:
    forged = Ticket(server.ticket.ticket, "00000000:AAAA")
    assert "401 Permission denied - invalid csrf token" in failure(server, adding("h@pve"), credential=forged).message
    assert "h@pve" not in users(server)


def test_other_actions_are_the_nodes_own(server: ApiServer) -> None:
    with pytest.raises(TypeError, match="only the node itself"):
        perform(Step("wait", Wait(()), "wait", "daemon"), server.api())
