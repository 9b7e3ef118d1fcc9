# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.ceph_health: waits here, so that the user sees what for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Optional

from ansible.utils.display import Display

from ..modules.ceph_health import INQUIRY
from ..plugin_utils.fast_path import InquiryAction

_DISPLAY = Display()


class ActionModule(InquiryAction):
    inquiry = INQUIRY

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        if self._task.check_mode or result.get("failed"):
            return result
        return self._wait(result, self._params(INQUIRY.argument_spec, {}), task_vars or {})

    def _wait(self, result: dict[str, Any], params: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Look again until nothing intolerable is left; every look is a new one, never a recorded reading."""
        deadline = time.monotonic() + params["timeout"]
        told: list[str] = []
        while result["intolerable"] and time.monotonic() < deadline:
            if result["intolerable"] != told:
                told = result["intolerable"]
                _DISPLAY.display(f"waiting for Ceph: {' '.join(told)}")
            time.sleep(params["interval"])
            result = self._ask_node(task_vars)
            if result.get("failed"):
                return result
        if result["intolerable"]:
            waited = f"Ceph is not as healthy as wanted after {params['timeout']} seconds."
            hint = "Mend it, or name the code in tolerated if it may stay."
            result.update(failed=True, msg=" ".join([waited, *result["intolerable"], hint]))
        return result
