# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Confirm a change of a node's network over a new connection, or have it taken back: the controller's part.

The connection is reset each time, so that none that is kept open from before (``ControlPersist``) is taken for a proof;
the node refuses a confirmation through one. What the node sees then is judged as in ``site/network/confirmation.py``.
Whatever fails here, also the controller itself, needs no care: the node takes back what nobody confirms.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Optional

from ansible.errors import AnsibleConnectionFailure

from ..module_utils.decide.network.guarded_change import CONFIRM, CONFIRM_WHY, JOURNAL
from ..module_utils.engine.errors import CollectionError, StepFailed
from ..module_utils.engine.plan import Step, Wait
from ..module_utils.model.network.guarded_change import KEPT, KEPT_IN_MEMORY, UNITS
from ..module_utils.model.network.view import Expected, NetworkView, view_from
from ..module_utils.site.network.confirmation import not_confirmed
from . import node_work
from .node_program import PLUGINS, answer, packed, program
from .unfinished import Result, UnfinishedAction

_PAUSE = 1.0
_LOOK = """
from plugins.module_utils.model.network.target import Target
from plugins.module_utils.observe.network.view import observe
from plugins.module_utils.transport.node import Node
targets = [Target(**one) for one in json.loads(base64.b64decode("{given}"))]
answer = observe(Node(), targets).document
"""
_GUARD = """
from plugins.module_utils.transport.node import Node
from plugins.module_utils.transport.programs import network_guard
done = Node(network_guard).run_program("network_guard", {given}, 180)
answer = dict(rc=done.rc, said=done.stderr)
"""
_FILES = ("observe/network/view.py", "transport/node.py", "transport/programs/network_guard.py")


class ConfirmingAction(UnfinishedAction):
    """A task of a subject that hands a step to the controller: the confirmation of a change of the network."""

    _before: Optional[NetworkView] = None
    _confirmed = False
    #: Whether the node may have confirmed it, but its answer was lost.
    _unheard = False

    def _ask_node(self, task_vars: Mapping[str, Any]) -> Result:
        if not self._task.check_mode and self._when == "pending":
            return self._confirm_pending(task_vars)
        if not self._task.check_mode:
            try:
                self._before = self._look(self._expected(), task_vars)
            except CollectionError as error:
                return {"failed": True, "changed": False, **error.as_result()}
        result = super()._ask_node(task_vars)
        return {**result, "changed": True} if self._confirmed else result

    @property
    def _when(self) -> str:
        """``confirm`` of the subject."""
        return str(self._params(self.subject.argument_spec, self.subject.constraints)["confirm"])

    def _confirm_pending(self, task_vars: Mapping[str, Any]) -> Result:
        """Other nodes have been asked meanwhile. Only what is declared is confirmed, and nothing that lacks of it."""
        self._connection.reset()
        reasons = self._lacking(task_vars) or self._told("confirm", task_vars)
        if reasons:
            return self._not_confirmed({}, [*reasons, *self._told("back", task_vars)])
        return {**super()._ask_node(task_vars), "changed": True}

    def _call(self, task_vars: Mapping[str, Any], done: list[str]) -> Result:
        """A change may cut the connection through which it was asked for: that alone is no failure."""
        try:
            result = super()._call(task_vars, done)
        except AnsibleConnectionFailure:
            if self._before is None or self._confirmed:
                raise
            result = _cut_off()
        if result.get("unfinished", {}).get("id") != CONFIRM:
            return result
        reasons = self._confirm(self._expected(), task_vars)
        if reasons:
            return self._not_confirmed(result, reasons)
        if self._when == "later":
            return {**{key: value for key, value in result.items() if key != "unfinished"}, "pending": True}
        self._confirmed = True
        return result

    def _expected(self) -> Expected:
        if self.subject.confirms is None:
            raise AssertionError(f"{self.subject.name} confirms nothing")
        params = self._params(self.subject.argument_spec, self.subject.constraints)
        expected: Expected = self.subject.confirms(self.subject.desired(params))
        return expected

    def _confirm(self, expected: Expected, task_vars: Mapping[str, Any]) -> list[str]:
        """Why not, all that was found in its turn. It is tried again for some time: a bridge needs a moment, too."""
        deadline = time.monotonic() + expected.seconds
        found: dict[str, None] = {}
        while True:
            reasons = self._judge(expected, task_vars)
            if not reasons and self._when == "now":
                reasons = self._told("confirm", task_vars)
            if not reasons:
                return []
            found.update(dict.fromkeys(reasons))
            if time.monotonic() >= deadline:
                return [*found, *self._told("back", task_vars)]
            time.sleep(_PAUSE)

    def _judge(self, expected: Expected, task_vars: Mapping[str, Any]) -> list[str]:
        try:
            self._connection.reset()
            view: Optional[NetworkView] = self._look(expected, task_vars)
        except (AnsibleConnectionFailure, CollectionError):
            view = None
        node = self._host(task_vars)
        reasons = not_confirmed(node, self._before, view, expected.targets, expected.addresses)
        return reasons or self._lacking(task_vars)

    def _lacking(self, task_vars: Mapping[str, Any]) -> list[str]:
        """What the node itself finds missing, as it is looked at in the end; nothing is changed by that."""
        params = self._params(self.subject.argument_spec, self.subject.constraints)
        try:
            result = self._execute_program(node_work.program(self.subject.name, params, check=True), task_vars)
        except AnsibleConnectionFailure as error:
            return [f"No answer came when the node was asked what is missing: {error}"]
        return [str(result["msg"])] if result.get("failed") else list(result["plan"])

    def _look(self, expected: Expected, task_vars: Mapping[str, Any]) -> NetworkView:
        given = base64.b64encode(json.dumps([asdict(target) for target in expected.targets]).encode()).decode()
        return view_from(self._ran(_LOOK, given, task_vars))

    def _told(self, mode: str, task_vars: Mapping[str, Any]) -> list[str]:
        """What the node says against it; nothing if it is done. Who cannot be asked takes the change back by itself."""
        try:
            done = self._ran(_GUARD, repr([mode, KEPT, KEPT_IN_MEMORY, UNITS]), task_vars)
        except (AnsibleConnectionFailure, CollectionError) as error:
            self._unheard = self._unheard or mode == "confirm"
            return [f"No answer came when the node was asked to {mode}: {error}"]
        return [str(done["said"]).strip()] if done["rc"] else []

    def _not_confirmed(self, result: Result, reasons: list[str]) -> Result:
        what = "The change of the network was not confirmed, and the node takes it back"
        if self._unheard:
            what = "Nobody knows whether the change of the network was confirmed or taken back"
        error = StepFailed(f"{what}: {' '.join(reasons)}", JOURNAL, id=CONFIRM, steps=result.get("steps", []))
        return {"failed": True, "changed": True, **error.as_result()}

    def _ran(self, frame: str, given: str, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        files = [PLUGINS / "module_utils" / name for name in _FILES]
        return answer(*self._run_python(program(packed(files), frame.format(given=given)), task_vars, "-I"))


def _cut_off() -> Result:
    """As the node would have said that everything is done but the confirmation."""
    step = Step(CONFIRM_WHY, Wait(()), CONFIRM, "network").told
    return {"changed": True, "steps": [], "unfinished": {**step, "deadline": 0, "hint": "", "progress": {}}}
