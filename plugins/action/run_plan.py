# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.run_plan: what the dry run before this task would do, from the run's own notes."""

from __future__ import annotations

from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..module_utils.report.plan import Document, document, note
from ..module_utils.report.text import plan_text
from ..plugin_utils.run_situation import ConvergedSituations
from ..plugin_utils.run_store import RunStore


class ActionModule(ActionBase):
    """The text of the plan is shown whatever the verbosity and whichever callback writes to the screen."""

    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"site", "situation"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = {**super().run(tmp, variables), "changed": False, "_ansible_verbose_always": True}
        made = self._document(variables)
        if not made.refusals:
            RunStore().note_checked()
        known = self._task.args.get("situation")
        if known and not made.notes and not RunStore().asked and not variables.get("ansible_check_mode"):
            ConvergedSituations().add(known)
        return {
            **result,
            "failed": bool(made.refusals),
            "msg": plan_text(made),
            "planned": bool(made.lines),
            "destructive": made.destructive,
            "plans": made.data["steps"],
            "refusals": made.data["refusals"],
        }

    def _document(self, variables: dict[str, Any]) -> Document:
        site = str(self._task.args.get("site") or "this site")
        return document(site, variables.get("ansible_play_hosts_all", ()), map(note, RunStore().notes()))
