# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.node_observation: reads a node in one round trip and keeps the readings for the rest of the run."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Optional

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils.engine.errors import CollectionError
from ..module_utils.engine.reader import CLUSTER, NODE
from ..plugin_utils import node_reader
from ..plugin_utils.deadline import TimeIsUp, deadline
from ..plugin_utils.fast_path import FastAction
from ..plugin_utils.node_program import answer
from ..plugin_utils.run_store import RunStore

# What every module imports: loaded here once, and not in each of the processes that Ansible forks for tasks and hosts.
import_module(f"{__name__.partition('.action.')[0]}.module_utils.transport.module")


#: Seconds that a node has for all of its answers, with the way there; then the report goes on without it.
_HURRY = 20


class ActionModule(FastAction):
    _VALID_ARGS = frozenset({"cluster", "report"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = super().run(tmp, variables)
        if boolean(self._task.args.get("report", False)):
            return {**result, "changed": False, **self._looked(variables)}
        try:
            source = node_reader.program(boolean(self._task.args.get("cluster", False)))
            found = answer(*self._run_python(source, variables))
        except CollectionError as error:
            return {**result, "failed": True, **error.as_result()}
        recording = found.pop("recording", None)
        if recording is not None:
            RunStore().keep(self._host(variables), recording)
            found["questions"] = {scope: len(answers) for scope, answers in recording.items()}
        return {**result, "changed": False, **found}

    def _looked(self, variables: dict[str, Any]) -> dict[str, Any]:
        """That a node does not answer is an answer, too."""
        host = self._host(variables)
        try:
            with deadline(_HURRY):
                found = answer(*self._run_python(node_reader.hurried_program(), variables))
        except TimeIsUp:
            return {"answered": False, "msg": f"{host} did not answer within {_HURRY} seconds."}
        except (AnsibleError, CollectionError) as error:
            return {"answered": False, "msg": str(error)}
        recording = found["recording"]
        RunStore().keep_look(host, recording)
        scopes = (NODE, CLUSTER) if boolean(self._task.args.get("cluster", False)) else (NODE,)
        RunStore().keep(host, {scope: recording[scope] for scope in scopes})
        return {"answered": True, "questions": {scope: len(answers) for scope, answers in recording.items()}}
