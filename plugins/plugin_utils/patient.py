# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait on the controller until an inquiry finds nothing left to wait for, so that the user sees what it waits for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Optional

from ansible.utils.display import Display

from .fast_path import InquiryAction

_DISPLAY = Display()


class PatientAction(InquiryAction):
    """Action plugin of an inquiry with the parameters ``timeout`` and ``interval``, and perhaps ``settled``.

    subject: what is waited for. pending: the key of the answer that lists what is still in the way. shown: the keys
    whose values are told whenever they change. advice: what the user can do when time is up.
    """

    subject: str
    pending: str
    shown: tuple[str, ...]
    advice: str

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        if self._task.check_mode or result.get("failed"):
            return result
        return self._wait(result, self._params(self.inquiry.argument_spec, {}), task_vars or {})

    def _wait(self, result: dict[str, Any], params: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Look again until nothing is in the way, and it stays so for ``settled`` seconds.

        Every look is a new one, never a recorded reading.
        """
        since = time.monotonic()
        deadline, settled, told = since + params["timeout"], params.get("settled", 0), ""
        while (result[self.pending] or time.monotonic() - since < settled) and time.monotonic() < deadline:
            told = self._tell(result, told)
            time.sleep(params["interval"])
            result = self._ask_node(task_vars)
            if result.get("failed"):
                return result
            if result[self.pending]:
                since = time.monotonic()
        if result[self.pending]:
            waited = f"{self.subject}: not as wanted after {params['timeout']} seconds."
            result.update(failed=True, msg=" ".join([waited, *result[self.pending], self.advice]))
        return result

    def _tell(self, result: Mapping[str, Any], told: str) -> str:
        """Say what is waited for, unless it was said just now."""
        values = [result[key] for key in self.shown]
        text = " ".join(word for value in values for word in (value if isinstance(value, list) else [str(value)]))
        if text != told:
            _DISPLAY.display(f"waiting for {self.subject}: {text}")
        return text
