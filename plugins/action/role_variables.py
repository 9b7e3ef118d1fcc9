# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.role_variables: a misspelt variable is an error, not a silent default."""

from __future__ import annotations

from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..plugin_utils.role_variables import specifications, unknown_options, unknown_variables


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset[str]()

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = {**super().run(tmp, task_vars), "changed": False}
        variables = task_vars or {}
        known = specifications()
        roles = {role: frozenset(options) for role, options in known.items()}
        of_hosts = {host: variables["hostvars"][host] for host in variables["ansible_play_hosts"]}
        found = {
            host: {**unknown_variables(own, roles), **unknown_options(own, known)} for host, own in of_hosts.items()
        }
        result["unknown"] = unknown = {host: names for host, names in found.items() if names}
        if unknown:
            hosts_of: dict[str, list[str]] = {}
            for host, names in unknown.items():
                for name, meant in names.items():
                    hosts_of.setdefault(f"{name} (did you mean {meant}?)", []).append(host)
            pairs = "; ".join(f"{pair} on {', '.join(hosts)}" for pair, hosts in hosts_of.items())
            result.update(
                failed=True, msg=f"No role of baremetal.virt knows these variables: {pairs}. Nothing was done."
            )
        return result
