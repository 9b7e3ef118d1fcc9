# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.run_plan: what the dry run before this task would do, from the run's own notes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..module_utils.engine.errors import Refused
from ..module_utils.report.estimate import estimate, medians
from ..module_utils.report.markdown import plan_markdown
from ..module_utils.report.plan import Document, document, note
from ..module_utils.report.saved import refuse_other_site, refuse_steps
from ..module_utils.report.text import plan_text, summed_up
from ..plugin_utils import saved_plan
from ..plugin_utils.own_files import write_text
from ..plugin_utils.run_situation import ConvergedSituations
from ..plugin_utils.run_store import RunStore
from ..plugin_utils.screen import tell
from ..plugin_utils.step_durations import StepDurations


class ActionModule(ActionBase):
    """The text goes to the screen by itself: whatever the verbosity, and whichever callback shows the result."""

    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"site", "situation", "plan_to"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = {**super().run(tmp, variables), "changed": False}
        made = self._document(variables)
        tell(plan_text(made))
        self._keep(made, variables)
        if made.refusals:
            refused = Refused(summed_up(made))
            return {**result, "failed": True, "refusals": made.data["refusals"], **refused.as_result()}
        try:
            self._refuse_what_was_not_demanded(made, variables)
        except Refused as error:
            return {**result, "failed": True, **error.as_result()}
        RunStore().note_checked()
        steps = made.data["steps"]
        return {
            **result,
            "msg": summed_up(made),
            "planned": bool(steps),
            "steps": steps,
            "destructive": [step["id"] for step in steps if step["destructive"]],
            "refusals": [],
        }

    def _keep(self, made: Document, variables: dict[str, Any]) -> None:
        """The situation that needs nothing, for the next run; and the plan as a file, if one is wanted."""
        known = self._task.args.get("situation")
        if known and not made.notes and not RunStore().asked and not variables.get("ansible_check_mode"):
            ConvergedSituations().add(known)
        target = str(self._task.args.get("plan_to") or "")
        if target.endswith(".md"):
            write_text(Path(target).expanduser(), plan_markdown(made))
        elif target:
            saved_plan.write(target, {**made.data, "binding": saved_plan.binding(variables)})

    def _refuse_what_was_not_demanded(self, made: Document, variables: dict[str, Any]) -> None:
        demanded = RunStore().demanded
        if demanded is None:
            return
        reasons = list(refuse_other_site(demanded["binding"], saved_plan.binding(variables)))
        reasons += refuse_steps(demanded["steps"], made.data["steps"], saved_plan.DoneSteps(demanded).keys)
        if reasons:
            words = " ".join(reasons)
            raise Refused(f"The saved plan is not applied. {words}", "Make a new one, and read it.", refusals=reasons)

    def _document(self, variables: dict[str, Any]) -> Document:
        site = str(self._task.args.get("site") or "this site")
        made = document(site, variables.get("ansible_play_hosts_all", ()), map(note, RunStore().notes()))
        expected = estimate(made, medians(StepDurations().measured()))
        return replace(made, seconds=round(expected.seconds, 1), measured=expected.measured)
