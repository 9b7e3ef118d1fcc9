# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.node_observation: reads a node in one round trip and keeps the readings for the rest of the run."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Optional

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils.engine.errors import CollectionError
from ..plugin_utils import node_reader
from ..plugin_utils.fast_path import FastAction
from ..plugin_utils.node_program import answer
from ..plugin_utils.run_store import RunStore

# What every module imports: loaded here once, and not in each of the processes that Ansible forks for tasks and hosts.
import_module(f"{__name__.partition('.action.')[0]}.module_utils.transport.module")


class ActionModule(FastAction):
    _VALID_ARGS = frozenset({"cluster"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = super().run(tmp, variables)
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
