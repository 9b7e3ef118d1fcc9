# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.site: what a run does, in few lines. Every byte leaves by Ansible's own Display."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site
type: stdout
short_description: One line for what a task did, and failures in full at the end
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Shows a line for every task that changed something, with the steps it took and the hosts that took them, and a word
    now and then while something takes long. What found nothing to do, and what was skipped, is not shown.
  - Failures are said at once in one line, and told in full at the end, with what was done before and what to do next.
  - The last line sums up what was done; what was only planned is not counted. There is no recap of tasks.
  - With C(-v), everything is shown as the callback P(ansible.builtin.default#callback) shows it.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout_callback in the configuration, by its full name
"""

import atexit
import os
import threading
import time
from typing import Any

from ansible import context
from ansible.executor.task_result import CallbackTaskResult
from ansible.plugins.callback.default import CallbackModule as Default

from ..module_utils.report.story import Failure, Story
from ..plugin_utils.screen import go_live, show, tell

_TICK = 1.0
#: Their message is the whole story; where it came from in Ansible's code helps nobody.
_SAID_IN_FULL = ("assert", "fail")


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "baremetal.virt.site"

    def __init__(self) -> None:
        super().__init__()
        self._story = Story(time.monotonic())
        self._asking = False
        self._stop = threading.Event()
        self._telling = self._live = False

    @property
    def _plain(self) -> bool:
        """With -v, everything is shown as ever."""
        return bool(self._display.verbosity)

    def _tell(self, lines: list[str]) -> None:
        self._telling = True
        try:
            for line in lines:
                tell(line)
        finally:
            self._telling = False

    def v2_playbook_on_start(self, playbook: Any) -> None:
        super().v2_playbook_on_start(playbook)
        if not self._plain:
            self._live = go_live()
            atexit.register(self._cut, os.getpid())
            threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        """On a terminal, one line that is written anew; in a log, a line now and then."""
        while not self._stop.wait(_TICK):
            if self._asking or self._telling:
                continue
            now = time.monotonic()
            if self._live:
                show(self._story.status(now))
            else:
                self._tell(self._story.heartbeat(now))

    def _cut(self, process: int) -> None:
        """After Ctrl-C no event comes. Workers are copies of this process, and have nothing to say."""
        if not self._stop.is_set() and os.getpid() == process:
            self._stop.set()
            self._tell(self._story.cut(time.monotonic()))

    def v2_playbook_on_vars_prompt(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is written while a question is on the screen."""
        self._asking = True

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._asking = False
        if self._plain:
            super().v2_playbook_on_play_start(play)
        else:
            self._play = play

    def _task_start(self, task: Any, prefix: Any = None) -> None:
        if self._plain:
            super()._task_start(task, prefix)
            return
        self._asking = task.action.rpartition(".")[2] == "pause"
        self._task_type_cache[task._uuid] = prefix
        self._last_task_name = task.get_name().strip()
        name = self._last_task_name.rpartition(" : ")[2]
        self._tell(self._story.task(name, self._phase(task), time.monotonic()))

    def _phase(self, task: Any) -> str:
        role = getattr(task, "_role", None)
        return str(role.get_name()).rpartition(".")[2] if role else str(self._play.get_name()).strip()[:13].lower()

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        super().v2_runner_on_start(host, task)
        self._story.started(host.get_name())

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        self._story.ended(result.host.get_name())
        if self._plain or result.result.get("_ansible_verbose_always"):
            super().v2_runner_on_ok(result)
            return
        self._handle_warnings_and_exception(result)
        if result.task.resolved_action == "baremetal.virt.run_plan":
            self._story.planned(sum(not step["possible"] for step in result.result.get("steps", ())))
        if result.result.get("changed") and not result.task.check_mode:
            self._story.changed(result.host.get_name(), [str(step) for step in result.result.get("plan", ())])

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        self._story.ended(result.host.get_name())
        if self._plain:
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_ok(self, result: CallbackTaskResult) -> None:
        if self._plain:
            super().v2_runner_item_on_ok(result)

    def v2_runner_item_on_skipped(self, result: CallbackTaskResult) -> None:
        if self._plain:
            super().v2_runner_item_on_skipped(result)

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        self._story.ended(result.host.get_name())
        if self._plain or ignore_errors:
            super().v2_runner_on_failed(result, ignore_errors)
            return
        if "failure" in result.result or result.task.action.rpartition(".")[2] in _SAID_IN_FULL:
            self._handle_warnings(result.result)
        else:
            self._handle_warnings_and_exception(result)
        self._tell(self._story.failed(self._failure(result)))

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        self._story.ended(result.host.get_name())
        if self._plain:
            super().v2_runner_on_unreachable(result)
            return
        self._handle_warnings_and_exception(result)
        self._tell(self._story.failed(self._failure(result)))

    def _failure(self, result: CallbackTaskResult) -> Failure:
        found = result.result
        details = found.get("failure", {})
        return Failure(
            host=result.host.get_name(),
            task=result.task.get_name().strip().rpartition(" : ")[2],
            text=str(found.get("msg") or self._dump_results(found)),
            done=tuple(str(step) for step in details.get("done", ())),
            refused=details.get("kind") in ("Refused", "Invalid"),
        )

    def v2_playbook_on_include(self, included_file: Any) -> None:
        if self._plain:
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._stop.set()
        now = time.monotonic()
        self._tell(self._story.flush(now))
        if self._plain:
            super().v2_playbook_on_stats(stats)
            return
        dry = bool(context.CLIARGS.get("check"))
        self._tell(self._story.end({**stats.failures, **stats.dark}, now, dry))
