"""Tasks as a real Proxmox VE told of them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
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
