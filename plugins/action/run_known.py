# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.run_known: whether an earlier run has found nothing to do in the very situation of this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils.engine.errors import NotRead, Unreadable
from ..module_utils.engine.reader import Recording
from ..module_utils.report.plan import document
from ..module_utils.report.text import summed_up
from ..plugin_utils.role_variables import known_variables
from ..plugin_utils.run_situation import ConvergedSituations, own_key, situation
from ..plugin_utils.run_store import RunStore
from ..plugin_utils.screen import tell

#: What else than a role's variables may change what the roles ask for: which hosts and which parts of the site.
_CIRCUMSTANCES = ("ansible_play_hosts_all", "ansible_play_hosts", "groups", "ansible_run_tags", "ansible_skip_tags")


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset({"enabled", "site"})

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = {**super().run(tmp, task_vars), "changed": False, "known": False, "situation": ""}
        variables = task_vars or {}
        hosts = variables["ansible_play_hosts_all"]
        recordings = {host: RunStore().recall(host) for host in hosts}
        observed: dict[str, Recording] = {host: found for host, found in recordings.items() if found is not None}
        if len(observed) < len(hosts) or not boolean(self._task.args.get("enabled", True)):
            return result
        try:
            digest = situation(self._wishes(variables, variables["groups"]["all"]), observed, own_key())
        # such as the cluster's readings, when nobody was asked for them; what is not understood, its own task tells
        except (NotRead, Unreadable):
            return result
        known = digest in ConvergedSituations()
        if known:
            made = document(str(self._task.args.get("site") or "this site"), hosts, ())
            result["msg"] = f"{summed_up(made)} (all is as an earlier run left it)"
            tell(result["msg"])
        return {**result, "situation": digest, "known": known}

    def _wishes(self, variables: Mapping[str, Any], hosts: list[str]) -> dict[str, Any]:
        """The values of all role variables on all hosts (roles look at hosts outside of the play, too)."""
        names = sorted(name for own in known_variables().values() for name in own)
        wishes: dict[str, Any] = {name: variables.get(name) for name in _CIRCUMSTANCES}
        for host in hosts:
            own = variables["hostvars"][host]
            wishes[f"host {host}"] = {name: own[name] for name in names if name in own}
        return wishes
