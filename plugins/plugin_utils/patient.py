# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait on the controller until an inquiry finds nothing left to wait for, so that the user sees what it waits for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Optional

from ..module_utils.engine.subject import Waiting
from .fast_path import InquiryAction
from .screen import tell

#: Seconds for which an alarm that no waiting ends may be an old one: the monitors look at each again within some.
_OLD = 20


class PatientAction(InquiryAction):
    """For an inquiry that says how it is waited for; perhaps it has the option ``settled``."""

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        if self._task.check_mode or result.get("failed"):
            return result
        waiting, params = self.inquiry.waiting, self._params(self.inquiry.argument_spec, {})
        return result if waiting is None else self._wait(waiting, result, params, task_vars or {})

    def _wait(
        self, waiting: Waiting, result: dict[str, Any], params: Mapping[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        """Look again until nothing is in the way, and it stays so for ``settled`` seconds.

        Every look is a new one, never a recorded reading. What no waiting ends is waited for no longer than it takes to
        know that it is no old alarm.
        """
        began = since = time.monotonic()
        stuck: Optional[float] = None
        deadline, settled, told = since + params["timeout"], params.get("settled", 0), ""
        while (result[waiting.pending] or time.monotonic() - since < settled) and time.monotonic() < deadline:
            stuck = (stuck or time.monotonic()) if result.get(waiting.lasting) else None
            if stuck is not None and time.monotonic() - stuck > _OLD:
                break
            told = _tell(waiting, result, told)
            time.sleep(params["interval"])
            result = self._ask_node(task_vars)
            if result.get("failed"):
                return result
            if result[waiting.pending]:
                since = time.monotonic()
        if result[waiting.pending]:
            seconds = min(params["timeout"], round(time.monotonic() - began))
            result.update(failed=True, msg=_failure(waiting, result, seconds))
        return result


def _failure(waiting: Waiting, result: Mapping[str, Any], seconds: int) -> str:
    lasting = result.get(waiting.lasting, [])
    passing = [reason for reason in result[waiting.pending] if reason not in lasting]
    words = [f"{waiting.subject}: not as wanted after {seconds} seconds.", *passing]
    return " ".join([*words, *(["No waiting ends this:"] if lasting else []), *lasting, waiting.advice])


def _tell(waiting: Waiting, result: Mapping[str, Any], told: str) -> str:
    """Say what is waited for, unless it was said just now."""
    values = [result[key] for key in waiting.shown]
    text = " ".join(word for value in values for word in (value if isinstance(value, list) else [str(value)]))
    if text != told:
        tell(f"waiting for {waiting.subject}: {text}")
    return text
