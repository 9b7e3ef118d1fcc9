# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.run_plan: what the dry run before this task would do, from the run's own notes."""

from __future__ import annotations

from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..plugin_utils.run_situation import ConvergedSituations
from ..plugin_utils.run_store import RunStore


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"situation"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        store = RunStore()
        plans = store.plans()
        steps = sum(len(plan["plan"]) for plan in plans)
        hosts = len({plan["host"] for plan in plans})
        message = f"{steps} steps on {hosts} hosts." if steps else "Everything is as wanted."
        known = self._task.args.get("situation")
        if known and not plans and not store.asked and not (task_vars or {}).get("ansible_check_mode"):
            ConvergedSituations().add(known)
        return {**result, "changed": False, "msg": message, "planned": bool(plans), "plans": plans}
