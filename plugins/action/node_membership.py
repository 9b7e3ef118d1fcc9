# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controller side of baremetal.virt.node_membership: while Ceph moves data for hours, the user sees how far it is.

The module waits for a part of the time only, and ends with ``NotYet``. Every call looks at everything anew, so that
what has changed meanwhile, for better or worse, counts at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Optional

from ansible.utils.display import Display

from ..modules.node_membership import SUBJECT
from ..plugin_utils.fast_path import SubjectAction

_DISPLAY = Display()
_PATIENCE = 60


class ActionModule(SubjectAction):
    subject = SUBJECT

    def _ask_node(self, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Ask again until it is done, fails, or no step was finished within the deadline."""
        total = int(self._task.args.get("data_deadline") or SUBJECT.argument_spec["data_deadline"]["default"])
        self._task.args["data_deadline"] = min(_PATIENCE, total)
        done: list[str] = []
        waiting, since = "", time.monotonic()
        while True:
            result = super()._ask_node(task_vars)
            failure = result.get("failure", {})
            if failure.get("kind") != "NotYet" or time.monotonic() - since > total:
                return {**result, "plan": [*done, *result.get("plan", [])]} if done else result
            if failure.get("step") != waiting:
                waiting, since = failure.get("step"), time.monotonic()
                done.append(waiting)
            _DISPLAY.display(f"{waiting}: {self._progress(task_vars)}")

    def _progress(self, task_vars: Mapping[str, Any]) -> str:
        """One line for the user; that it cannot be had now is no reason to stop."""
        args = {"node": self._task.args["node"]}
        told = self._execute_module(module_name="baremetal.virt.node_report", module_args=args, task_vars=task_vars)
        moving: Optional[Mapping[str, Any]] = told.get("report", {}).get("moving")
        return describe(moving) if moving else "the progress is not known"


def describe(moving: Mapping[str, Any]) -> str:
    """``1200 objects left, 34 per second (130 MiB/s), about 1 minute``."""
    left = f"{moving['objects']} objects left"
    if not moving["objects_per_second"]:
        return f"{left}, none is moving now"
    speed = f"{moving['objects_per_second']} per second ({moving['bytes_per_second'] >> 20} MiB/s)"
    minutes = -(-int(moving["seconds"]) // 60)
    return f"{left}, {speed}, about {minutes} minute{'' if minutes == 1 else 's'}"
