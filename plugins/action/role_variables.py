# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.role_variables: a misspelt variable is an error, not a silent default."""

from __future__ import annotations

from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..plugin_utils.role_variables import known_variables, unknown_variables


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _VALID_ARGS = frozenset[str]()

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        unknown = unknown_variables(task_vars or {}, known_variables())
        result.update(changed=False, unknown=unknown)
        if unknown:
            pairs = "; ".join(f"{name} (did you mean {meant}?)" for name, meant in unknown.items())
            result.update(
                failed=True, msg=f"No role of baremetal.virt knows these variables: {pairs}. Nothing was done."
            )
        return result
