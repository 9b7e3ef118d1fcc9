# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.run_report: what the nodes said earlier in this run, as a report."""

from __future__ import annotations

import time
from typing import Any, Optional

from ansible import context
from ansible.plugins.action import ActionBase

from ..module_utils.engine.errors import CollectionError, Invalid
from ..module_utils.report.changes import changes, refuse_earlier
from ..module_utils.report.plan import document, note
from ..module_utils.report.screen import screen
from ..module_utils.report.typed import with_typed
from ..module_utils.report.visible import visible
from ..module_utils.report.words import LANGUAGES, Language, say
from ..module_utils.site.report.document import PLAN_FAILED, may_be_planned, report, unplanned
from ..plugin_utils import report_files
from ..plugin_utils.page.page import page
from ..plugin_utils.run_store import RunStore
from ..plugin_utils.screen import tell


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"to", "form", "since", "language", "site", "plan"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        variables = task_vars or {}
        result = {**super().run(tmp, variables), "changed": False}
        try:
            language = self._language()
            made = self._planned(variables) if self._option("plan") == "made" else self._report(variables)
            follows = self._option("plan") == "follows" and may_be_planned(made)
            written = self._write(made, language, follows)
        except CollectionError as error:
            return {**result, "failed": True, **error.as_result()}
        except OSError as error:
            return {**result, "failed": True, "msg": f"The report cannot be written: {error}."}
        verdict = made["verdict"]
        return {
            **result,
            "msg": f"{say(language, verdict['id'], verdict)}. {' '.join(written)}".strip(),
            "files": written,
            "plan_follows": follows,
            "verdict": verdict["level"],
            "findings": made["findings"],
        }

    def _option(self, name: str) -> str:
        return str(self._task.args.get(name) or "")

    def _language(self) -> Language:
        given = self._option("language") or LANGUAGES[0]
        found = next((one for one in LANGUAGES if one == given), None)
        if found is None:
            raise Invalid(f"A report in {given!r} cannot be made.", f"There is {' and '.join(LANGUAGES)}.")
        return found

    def _report(self, variables: dict[str, Any]) -> dict[str, Any]:
        """With all characters that hide made visible, once for all forms."""
        look = report_files.look(variables)
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        told = report(look, made, self._option("site"))
        arguments = context.CLIARGS
        asked = [one for one in arguments.get("args", ()) if one.endswith(("report.yml", ".report"))]
        told = with_typed(told, (asked or ["playbooks/report.yml"])[0], arguments.get("inventory") or ())
        found = visible(told)
        earlier = self._option("since")
        if earlier:
            before = report_files.read(earlier)
            problem = refuse_earlier(before, found)
            if problem:
                raise Invalid(f"{earlier} is nothing to compare with. {problem}")
            found["changes"] = changes(before, found)
        RunStore().keep_report(found)
        return dict(found)

    def _planned(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The report of before the dry run, with what that has planned: nothing is read or computed twice."""
        made = RunStore().report
        if made is None:
            raise Invalid("There is no report yet that a plan belongs to.", "Let a task with plan: follows precede it.")
        return {**made, "drift": visible(self._drift(variables))}

    def _drift(self, variables: dict[str, Any]) -> dict[str, Any]:
        """What the dry run before this task planned, or why there is none."""
        hosts = variables["ansible_play_hosts_all"]
        own = [variables["hostvars"][host] for host in hosts]
        failures = [str(one["report_failure"]) for one in own if "report_failure" in one]
        if failures:
            return unplanned(PLAN_FAILED, text=failures[0])
        return document(self._option("site"), hosts, [note(told) for told in RunStore().notes()]).data

    def _write(self, made: dict[str, Any], language: Language, follows: bool) -> list[str]:
        """The files at once, whatever comes later; the screen once, when all is known."""
        if self._option("form") != "terminal":
            return report_files.write(self._option("to") or "report.html", page(made, language), made)
        if not follows:
            tell(screen(made, language))
        return []
