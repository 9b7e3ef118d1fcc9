# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the calls of a plan on the controller."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ...engine.errors import StepFailed, Unreadable
from ...engine.plan import Call, Step, Value
from ...engine.printable import printable
from .api import Api
from .failure import ApiFailure
from .hand_out import HandOut, NotKept, handed, spend
from .task import TaskFailed, follow, is_task

_DOUBT = "It may have been carried out all the same; the next run finds out."


def perform(step: Step, api: Api) -> str:
    """Do one step and return what its task logged; raises StepFailed with the whole story."""
    action = step.action
    if not isinstance(action, Call):
        raise TypeError(f"{step.why}: only the node itself can do this: {action!r}")
    try:
        return _hidden(_call(step.why, action, api), action)
    except ApiFailure as failure:
        told, doubt = str(failure), _DOUBT if failure.in_doubt else ""
    except (TaskFailed, NotKept) as failure:
        told, doubt = str(failure), ""
    except Unreadable as failure:  # while its task was followed
        told, doubt = str(failure), _DOUBT
    raise StepFailed(
        f"{step.why} failed: {_hidden(told, action).rstrip('.!')}.",
        f"{doubt} {step.hint}".strip(),
        step=step.why,
        id=step.id,
        action=repr(action),
    )


def _call(why: str, action: Call, api: Api) -> str:
    """The log of the task, if it was one. A task that did not get a lock is begun again, as a request is."""
    given = dict((*action.parameters, *action.secrets, *_handed_in(action)))
    for pause in api.pauses:
        try:
            return _called(why, action, given, api)
        except TaskFailed as failure:
            if not failure.locked:
                raise
        time.sleep(pause)
    return _called(why, action, given, api)


def _called(why: str, action: Call, given: Mapping[str, Value], api: Api) -> str:
    answer = _answer(action, given, api)
    if not is_task(answer):
        if action.task:
            raise TaskFailed(f"nothing was begun, the answer is {answer!r}")
        return ""
    ended = follow(api, answer, action.timeout)
    api.warnings += [f"{why}: {_hidden(warning, action)}" for warning in ended.warnings]
    return "\n".join(ended.log)


def _answer(action: Call, given: Mapping[str, Value], api: Api) -> Any:
    """What is handed out is in nothing that is passed on."""
    if not action.hand_out:
        answer = api.change(action.method, action.path, given, action.repeatable)
        if action.hand_in is not None and action.last:
            spend(action.hand_in[1])
        return answer
    file = HandOut(action.hand_out)
    try:
        file.keep(api.change(action.method, action.path, given, action.repeatable))
    finally:
        file.close()
    return None


def _handed_in(action: Call) -> tuple[tuple[str, str], ...]:
    return () if action.hand_in is None else ((action.hand_in[0], handed(action.hand_in[1])),)


def _hidden(text: str, action: Call) -> str:
    """Answers and logs may repeat what they were given."""
    return str(printable(text, [secret for secret in dict(action.secrets).values() if secret]))
