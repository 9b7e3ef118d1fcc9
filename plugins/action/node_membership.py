# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.node_membership: while Ceph moves data for hours, the user sees how far it is.

The module ends with ``NotYet`` where something takes long. Every call looks at everything anew, so that what has
changed meanwhile, for better or worse, counts at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible.utils.display import Display

from ..modules.node_membership import SUBJECT
from ..plugin_utils.fast_path import SubjectAction
from ..plugin_utils.progress import Progress

_DISPLAY = Display()


class ActionModule(SubjectAction):
    subject = SUBJECT

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Ask again until it is done or fails, or until what is waited for has not come within its deadline."""
        done: list[str] = []
        waiting: Optional[Progress] = None
        while True:
            result = super()._ask_node(task_vars)
            failure = result.get("failure", {})
            done += self._tell(one for one in failure.get("done", ()) if one not in done)
            now = time.monotonic()
            if failure.get("kind") != "NotYet" or (waiting and waiting.step == failure["step"] and waiting.over(now)):
                return _whole(result, done)
            if waiting is None or waiting.step != failure["step"]:
                waiting = Progress(failure["step"], float(failure["deadline"]), now)
            if waiting.due(now):
                _DISPLAY.display(waiting.line(self._report(task_vars), time.monotonic()))

    def _tell(self, sentences: Iterable[str]) -> list[str]:
        told = list(sentences)
        for sentence in told:
            _DISPLAY.display(f"done: {sentence}")
        return told

    def _report(self, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is left; not to learn it just now is no reason to stop."""
        args = {"node": self._task.args["node"]}
        told = self._execute_module(module_name="baremetal.virt.node_report", module_args=args, task_vars=task_vars)
        found: Mapping[str, Any] = told.get("report", {})
        return found


def _whole(result: dict[str, Any], done: list[str]) -> dict[str, Any]:
    """The steps of all calls, as if there had been one."""
    if result.get("failed"):
        result.setdefault("failure", {})["done"] = done
        return result
    return {**result, "plan": [*done, *(one for one in result["plan"] if one not in done)]}
