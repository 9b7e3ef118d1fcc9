"""A reading module on the controller: whom it asks, when this run has looked at the node before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import NODE, Recorder
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Inquiry
from ansible_collections.baremetal.virt.plugins.plugin_utils import fast_path, run_store

from ...doubles.support import FakeNode


class Action(fast_path.InquiryAction):
    def __init__(self, inquiry: Inquiry) -> None:
        self._task: Any = SimpleNamespace(check_mode=False, delegate_to=None, args={"timeout": 0})
        self.inquiry = inquiry

    def _ask_node(self, task_vars: Any) -> dict[str, Any]:
        return {"problems": ["as it is now"]}


@pytest.fixture(autouse=True)
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
    recorder = Recorder(FakeNode({"/problem": "as it was"}), (NODE,))
    recorder.read("/problem")
    run_store.RunStore().keep("pve1", recorder.recording)


@pytest.mark.parametrize(("settles", "answer"), [("", "as it was"), ("problems", "as it is now")])
def test_what_is_waited_for_is_never_taken_from_a_recording(settles: str, answer: str) -> None:
    spec = {"timeout": {"type": "int"}}
    inquiry = Inquiry("problems", spec, lambda reader, params: {"problems": [reader.read("/problem")]}, settles=settles)
    assert Action(inquiry).run(None, {"inventory_hostname": "pve1"})["problems"] == [answer]
