# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a subject again that ends unfinished after some seconds: the user sees what is waited for, and how far it is.

Every call looks at everything anew, so that what has changed meanwhile, for better or worse, counts at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Optional

from .fast_path import SubjectAction
from .node_work import program
from .progress import Progress
from .screen import tell

Result = dict[str, Any]


class UnfinishedAction(SubjectAction):
    """A task of a subject with patience. Steps are known by their ids, whatever their sentences say."""

    def _ask_node(self, task_vars: Mapping[str, Any]) -> Result:
        """Until it is done or has failed, or until what is waited for has not come within its deadline."""
        if self._task.check_mode:
            return self._call(task_vars, [])
        done: dict[str, Mapping[str, Any]] = {}
        progress: Optional[Progress] = None
        diff: dict[str, Any] = {}
        since = time.monotonic()
        while True:
            result = self._call(task_vars, list(done))
            diff = diff or result.get("diff", {})
            left = result.get("unfinished")
            new = [step for step in _steps(result) if step["id"] not in done]
            if new and progress and new[0]["id"] == progress.id:
                new[0] = {**new[0], "seconds": round(time.monotonic() - since, 2)}
            since = time.monotonic() if new else since
            self._note(done, new, told=bool(left or progress or result.get("failed")))
            if not left:
                return _whole(result, done, diff)
            now = time.monotonic()
            if progress is None or progress.id != left["id"]:
                progress = Progress(left, now)
            elif progress.over(now):
                return _whole(_given_up(result, progress), done, diff)
            if progress.due(now):
                tell(progress.line(left.get("progress", {}), now))

    def _call(self, task_vars: Mapping[str, Any], done: list[str]) -> Result:
        """One call of the subject, which is told what those before have done, if that matters to it."""
        params = self._params(self.subject.argument_spec, self.subject.constraints)
        if "done" in params:
            params["done"] = [*params["done"], *done]
        return self._execute_program(program(self.subject.name, params, self._task.check_mode), task_vars)

    def _note(self, done: dict[str, Mapping[str, Any]], steps: list[Mapping[str, Any]], told: bool) -> None:
        for step in steps:
            if told:
                tell(f"done: {step['why']}")
            done[step["id"]] = step


def _steps(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What this call has done, also when it failed in the end."""
    source = result.get("failure", {}) if result.get("failed") else result
    return list(source.get("steps", ()))


def _given_up(result: Mapping[str, Any], progress: Progress) -> Result:
    failure = {"kind": "StepFailed", "hint": progress.hint, "step": progress.why, "id": progress.id}
    return {**result, "failed": True, "msg": progress.failure(), "failure": failure}


def _whole(result: Result, done: Mapping[str, Mapping[str, Any]], diff: Mapping[str, Any]) -> Result:
    """The steps of all calls, as if there had been one."""
    steps = list(done.values())
    if result.get("failed"):
        result.setdefault("failure", {}).update(done=[step["why"] for step in steps], steps=steps)
        return {**result, "changed": bool(steps) or result.get("changed", False)}
    told = {
        "plan": [step["why"] for step in steps],
        "steps": steps,
        "destructive": [step["id"] for step in steps if step["destructive"]],
    }
    whole = {**result, **told, "changed": bool(steps) or result["changed"]}
    if diff and steps:
        marked = "".join(f"{'!' if step['destructive'] else '*'} {step['why']}\n" for step in steps)
        after = result.get("diff", diff)["after"]
        whole["diff"] = {**diff, "after": after, "prepared": marked}
    return whole
