"""Tasks as a real Proxmox VE told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Step
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.perform import perform
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.task import TaskFailed, follow, is_task

from ....doubles.api_server import api_transcript
from ....doubles.support import FakeNode


def node_with(name: str) -> tuple[FakeNode, str]:
    """A node that knows the task of a transcript, and the task's name."""
    recorded = api_transcript(name)
    task = recorded.get("task") or {**recorded["body"]["data"], "log": ["the last words"]}
    path = f"/nodes/pve1/tasks/{quote(task['upid'], safe='')}"
    node = FakeNode()
    node.api[f"{path}/status"] = {key: value for key, value in task.items() if key != "log"}
    node.api[f"{path}/log?limit=100000"] = [{"n": number, "t": line} for number, line in enumerate(task["log"], 1)]
    return node, task["upid"]


def test_a_start_with_a_warning() -> None:
    node, upid = node_with("699gs-start-761-start-ovmf")
    ended = follow(node, upid, 0)
    text = "EFI disk without 'ms-cert=2023k' option, suggesting that not all UEFI 2023"
    assert ended.warnings == (f"{text} (log of {upid})",)
    assert ended.log[-1] == "TASK WARNINGS: 1"


def test_a_start_that_met_a_lock() -> None:
    node, upid = node_with("641-start-start-again")
    with pytest.raises(TaskFailed, match="got timeout. The end of its log: trying to acquire lock"):
        follow(node, upid, 0)


def test_a_creation() -> None:
    node, upid = node_with("639cc-dc-task-status")
    assert follow(node, upid, 0).warnings == ()


def test_a_shutdown_that_was_overruled() -> None:
    node, upid = node_with("699ew-start-730-task-overruled")
    with pytest.raises(TaskFailed, match="ended with: unexpected status. The end of its log: the last words"):
        follow(node, upid, 0)


def test_a_shutdown_that_takes_its_time() -> None:
    node, upid = node_with("699eu-start-730-task-status-running")
    with pytest.raises(TaskFailed, match="has not ended after 0 seconds; it goes on on pve1"):
        follow(node, upid, 0)


def test_an_end_without_a_verdict_is_no_good_one() -> None:
    node, upid = node_with("639cc-dc-task-status")
    del next(iter(node.api.values()))["exitstatus"]
    with pytest.raises(TaskFailed, match="ended with: no verdict"):
        follow(node, upid, 0)


def test_a_task_that_the_node_does_not_know() -> None:
    with pytest.raises(Unreadable):
        follow(FakeNode(), api_transcript("641-start-start-again")["task"]["upid"], 0)


@pytest.mark.parametrize("answer", [None, "OK", {"data": 1}, "UPID:pve1", 7])
def test_what_is_no_task(answer: object) -> None:
    """vzdump answers a bare OK when the guest is elsewhere, and has done nothing."""
    assert not is_task(answer)


def test_a_token_is_part_of_a_tasks_name() -> None:
    assert is_task("UPID:pve1:00004E4D:000D7529:6B0C9D3E:qmstart:761:root@pam!auto:")


class Locked:
    """An API whose first tasks do not get a lock."""

    pauses = (0.0, 0.0)

    def __init__(self, *verdicts: str) -> None:
        self.verdicts, self.begun = list(verdicts), 0
        self.warnings: list[str] = []
        self.given: list[Any] = []

    def change(self, method: str, path: str, parameters: Any, repeatable: bool) -> str:
        self.begun += 1
        self.given.append(dict(parameters))
        return f"UPID:pve1:00000001:00000001:0000000{self.begun}:qmclone:1200:root@pam:"

    def get(self, path: str, scope: str) -> Any:
        if path.endswith("/status"):
            return {"status": "stopped", "exitstatus": self.verdicts[self.begun - 1]}
        return [{"t": "log"}]


@pytest.mark.parametrize("words", ["cfs-lock 'storage-vms' error: got lock request timeout", "OK"])
def test_a_task_that_gets_no_lock_is_begun_again(words: str) -> None:
    api = Locked(words, "OK")
    perform(Step("clone", Call("POST", "/clone", task=True), "vm.clone:1200", "guest"), cast(Api, api))
    assert api.begun == (1 if words == "OK" else 2)


def test_what_is_handed_in_for_the_last_time_is_known_when_it_is_begun_again(tmp_path: Path) -> None:
    token = tmp_path / "lock"
    token.write_text("abc\n", encoding="ascii")
    api = Locked("got lock request timeout", "OK")
    call = Call("PUT", "/cluster/sdn", task=True, hand_in=("lock-token", str(token)), last=True)
    perform(Step("apply", call, "sdn.apply", "network"), cast(Api, api))
    assert (api.given, token.exists()) == ([{"lock-token": "abc"}] * 2, False)


def test_not_for_ever_and_not_after_another_failure() -> None:
    lock = "can't lock file '/var/lock/qemu-server/lock-900.conf' - got timeout"
    for verdicts, times in (([lock] * 9, 3), ([lock, "no space left"], 2)):
        api = Locked(*verdicts)
        with pytest.raises(StepFailed):
            perform(Step("clone", Call("POST", "/clone", task=True), "vm.clone:1200", "guest"), cast(Api, api))
        assert api.begun == times
