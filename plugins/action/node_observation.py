# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.node_observation: keeps the readings for the rest of the run."""

from __future__ import annotations

from typing import Any, Optional

from ..plugin_utils.fast_path import FastAction
from ..plugin_utils.run_store import RunStore


class ActionModule(FastAction):
    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        task_vars = task_vars or {}
        result = super().run(tmp, task_vars)
        result.update(self._execute_module(task_vars=task_vars))
        recording = result.pop("recording", None)
        if recording is not None:
            RunStore().keep(self._host(task_vars), recording)
        return result
