# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""baremetal.virt.drift_turn: tells a source of events that a run has begun, or has ended."""

from __future__ import annotations

import os
from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..module_utils.engine.errors import CollectionError
from ..module_utils.transport.turns import Turns


class ActionModule(ActionBase):
    """It works in a process of its own; the run ends with the parent of that, ansible-playbook itself."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = {**super().run(tmp, task_vars), "changed": False}
        dummy, given = self.validate_argument_spec(
            {
                "folder": {"type": "path", "required": True},
                "key": {"type": "str", "required": True},
                "state": {"type": "str", "required": True, "choices": ["begun", "ended"]},
            }
        )
        turns, key = Turns(given["folder"]), str(given["key"])
        try:
            if given["state"] == "begun":
                turns.begin(key, os.getppid())
            else:
                turns.end(key)
        except CollectionError as error:
            return {**result, "failed": True, **error.as_result()}
        return {**result, "key": key}
