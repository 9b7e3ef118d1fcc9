# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide on the controller when this run has already observed the node.

The action plugin of all subjects (``action/subject.py``) uses these classes. If the run holds an observation of the
host, the module's own ``observe`` and ``decide`` run here on the recorded answers; nothing to do means no remote call.
Anything else (a change, a question not asked before, no observation) runs the module on the node, which looks
for itself before it acts. So this is only ever a short cut, never the authority.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Optional

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..module_utils.engine.errors import CollectionError, Invalid, NotRead, Refused
from ..module_utils.engine.reader import CLUSTER, Recording, Replay
from ..module_utils.engine.subject import Inquiry, Subject, make_plan, plan_result
from ..module_utils.report.saved import key, refuse_steps
from .node_program import COMMAND, ENCODING, answer
from .node_work import program, question
from .options import validated
from .run_store import RunStore
from .saved_plan import DoneSteps
from .step_durations import StepDurations

#: Debian's own; taken unless the inventory names another one (discovering one would be a round trip more).
_PYTHON = "/usr/bin/python3"


class FastAction(ActionBase):
    """What subjects and inquiries have in common."""

    _supports_check_mode = True
    _supports_async = False

    def _host(self, task_vars: Mapping[str, Any]) -> str:
        return str(self._task.delegate_to or task_vars["inventory_hostname"])

    def _recording(self, task_vars: Mapping[str, Any]) -> Optional[Recording]:
        return RunStore().recall(self._host(task_vars))

    def _params(self, spec: Mapping[str, Any], constraints: Mapping[str, Any]) -> dict[str, Any]:
        return validated(spec, constraints, self._task.args)

    def _run_python(self, program: str, task_vars: Mapping[str, Any], options: str = "-I -S") -> tuple[str, str]:
        """What a program prints on the node, on its standard output and error; there it is no module."""
        delegated = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        own = {} if self._task.delegate_to else task_vars
        named = str(self._templar.template({**own, **delegated}.get("ansible_python_interpreter", "")))
        python = named if named.startswith("/") else _PYTHON
        command = f"{self._compute_environment_string()} {python} {options} {shlex.join(COMMAND)}".strip()
        done = self._low_level_execute_command(command, in_data=program.encode(ENCODING))
        return done.get("stdout", ""), done.get("stderr", "")

    def _execute_program(self, source: str, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """What a program of ``node_work`` answers."""
        RunStore().note_asked()
        try:
            return answer(*self._run_python(source, task_vars, "-I"))
        except CollectionError as error:
            return {"failed": True, **error.as_result()}


class SubjectAction(FastAction):
    """A task of a writing module.

    The result says which host of the inventory it is of (``host``), as that of a reading module does.

    In a play with the variable ``site_planning`` a refusal is noted instead of ending the run, so that the sum of the
    plan (``run_plan``) can name all refusals of all subjects at once; and what is only planned counts as a change
    nowhere but in Ansible's own check mode. In a play with ``site_applying`` nothing is changed without that sum.
    """

    subject: Subject[Any, Any]

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        params = self._params(self.subject.argument_spec, self.subject.constraints)
        return self._execute_program(program(self.subject.name, params, bool(self._task.check_mode)), task_vars)

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result = {**super().run(tmp, task_vars), "host": self._host(task_vars)}
        try:
            decided = self._decided(task_vars)
        except CollectionError as error:
            result.update({"failed": True, "changed": False, **error.as_result()})
        else:
            result.update(self._beyond(task_vars) if decided is None else decided)
        if self._task.check_mode:
            return self._planned(result, task_vars)
        if result.get("changed") or result.get("failed"):
            self._forget(task_vars)
            StepDurations().add(result.get("steps", ()))
        return result

    def _beyond(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Ask the node, or change it. A site is only changed after its plan was made, whichever tasks were skipped."""
        if self._task.check_mode or not task_vars.get("site_applying"):
            return self._ask_node(task_vars)
        store = RunStore()
        try:
            if not store.checked:
                raise Refused(
                    "There is work to do here, but this run has not made the plan of the whole site. Nothing was done.",
                    "Run the whole playbook: without `--skip-tags always`, `--start-at-task` and `--step`.",
                )
            if store.demanded is not None:
                return self._only(store.demanded, task_vars)
        except Refused as error:
            return {"failed": True, "changed": False, **error.as_result()}
        return self._ask_node(task_vars)

    def _only(self, plan: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Do what a saved plan holds, and nothing else: what the node would do is asked right before."""
        self._task.check_mode = True
        try:
            dry = self._ask_node(task_vars)
        finally:
            self._task.check_mode = False
        if dry.get("failed"):
            return dry
        of_whom = {"host": self._host(task_vars), "subject": self.subject.name}
        steps = [{**step, **of_whom} for step in dry["steps"]]
        reasons = list(refuse_steps(plan["steps"], steps, DoneSteps(plan).keys))
        if reasons:
            raise Refused(
                f"The saved plan does not hold what is needed here now. {' '.join(reasons)} Nothing of it was done.",
                "Make a new plan, and read it; it will not hold what is done already.",
                refusals=reasons,
            )
        result = self._ask_node(task_vars)
        DoneSteps(plan).add(key({**step, **of_whom}) for step in result.get("steps", ()))
        return result

    def _planned(self, result: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        refused = _refusals(result) if result.get("failed") and task_vars.get("site_planning") else []
        if result.get("failed") and not refused:
            return result
        failure = result.get("failure", {})
        warnings = failure.get("warnings", []) if refused else result.get("plan_warnings", [])
        told = {"steps": result.get("steps", []), "refusals": refused, "warnings": warnings}
        if any(told.values()):
            RunStore().note(self._host(task_vars), self.subject.name, self._task._uuid, told)
        if refused:
            nothing: dict[str, Any] = {"changed": False, "plan": [], "steps": [], "destructive": []}
            return {"host": result["host"], **failure.get("tells", {}), **nothing, "refusals": refused}
        if task_vars.get("site_planning") and not task_vars.get("ansible_check_mode"):
            result["changed"] = False
        return result

    def _decided(self, task_vars: Mapping[str, Any]) -> Optional[dict[str, Any]]:
        """The result, if what is known suffices for it; None when the node has to be asked or changed."""
        params = self._params(self.subject.argument_spec, self.subject.constraints)
        recording = self._recording(task_vars)
        if recording is None:
            return None
        try:
            plan = make_plan(self.subject, params, Replay(recording))
        except NotRead:
            return None
        if plan.steps and not plan.refusals and not self._task.check_mode:
            return None
        return plan_result(plan)

    def _forget(self, task_vars: Mapping[str, Any]) -> None:
        if self.subject.scope == CLUSTER:
            RunStore().forget_all()
        else:
            RunStore().forget(self._host(task_vars))


class InquiryAction(FastAction):
    """A task of a reading module.

    The result says whether the task is in a dry run (``dry_run``), as a play may be one without ``--check``, and which
    host of the inventory was asked (``host``), so that the results of many need no names beside them.
    """

    inquiry: Inquiry

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        asked = {"dry_run": bool(self._task.check_mode), "host": self._host(task_vars)}
        result = {**super().run(tmp, task_vars), **asked}
        try:
            params = self._params(self.inquiry.argument_spec, {})
            recording = self._recording(task_vars)
            if recording is not None and not self.inquiry.settles:
                return {**result, "changed": False, **self.inquiry.answer(Replay(recording), params)}
        except NotRead:
            pass
        except CollectionError as error:
            return {**result, "failed": True, **error.as_result()}
        return {**result, **self._ask_node(task_vars)}

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        params = self._params(self.inquiry.argument_spec, {})
        try:
            return self._execute_program(question(self.inquiry.name, params), task_vars)
        except AnsibleConnectionFailure as error:
            if not params.get("may_be_off"):
                raise
            return {"changed": False, "answered": False, "msg": str(error)}


def _refusals(result: Mapping[str, Any]) -> list[str]:
    """Why nothing may be done, if that is what the failure says; other failures are not for a plan to collect."""
    failure = result.get("failure", {})
    if failure.get("kind") == Invalid.__name__:
        return [str(result["msg"])]
    return [str(refusal) for refusal in failure.get("refusals", ())]
