# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way a module works: desired → observe → decide → plan → apply → observe again and prove.

``Subject`` wires the four parts of a subject together. ``transport/module.py`` runs it on a node; the action plugin
``plugin_utils/fast_path.py`` runs its first half on the controller. Neither knows any subject.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from .errors import CollectionError, NotProved, NotYet, Refused, StepFailed
from .plan import Plan, Step
from .reader import NODE, Reader

#: Carries out one step on a node and returns what was printed: ``transport.perform``, or a test's double.
Act = Callable[[Step, Any], str]


@dataclass(frozen=True)
class Subject:
    """One subject of the collection.

    desired: validated module parameters → the subject's desired state (raises Invalid).
    observe: (reader, desired) → what is.  decide: (desired, observed) → Plan; pure.
    scope: ``cluster`` when a change of this subject may change what other nodes would observe.
    settle: seconds to keep looking until the desired state is proved (daemons that need time to join).
    constraints: further keyword arguments of AnsibleModule, such as ``required_if``.
    undo: (desired, observed) → Plan that takes back a change which failed or was not proved; pure.
    """

    name: str
    argument_spec: Mapping[str, Any]
    desired: Callable[[Mapping[str, Any]], Any]
    observe: Callable[[Reader, Any], Any]
    decide: Callable[[Any, Any], Plan]
    scope: str = NODE
    settle: float = 0
    constraints: Mapping[str, Any] = field(default_factory=dict)
    undo: Optional[Callable[[Any, Any], Plan]] = None


def make_plan(subject: Subject, params: Mapping[str, Any], reader: Reader) -> Plan:
    """The pure half: what would have to be done, given these parameters and this reader's answers."""
    desired = subject.desired(params)
    return subject.decide(desired, subject.observe(reader, desired))


def plan_result(plan: Plan) -> dict[str, Any]:
    """What every module returns, from the plan alone. Raises Refused when the plan holds refusals."""
    if plan.refusals:
        reasons = [str(refusal) for refusal in plan.refusals]
        raise Refused(" ".join(reasons), refusals=reasons, plan=plan.sentences, warnings=list(plan.warnings))
    result: dict[str, Any] = {"changed": bool(plan.steps), "plan": plan.sentences, "refusals": []}
    if plan.warnings:
        result["warnings"] = list(plan.warnings)
    if plan.steps:
        result["diff"] = {"before": plan.before or {}, "after": plan.after or {}}
    return result


def converge(
    subject: Subject,
    params: Mapping[str, Any],
    node: Reader,
    check: bool,
    act: Act,
) -> dict[str, Any]:
    """Bring the node to the desired state (or, in check mode, say what that would take)."""
    plan = make_plan(subject, params, node)
    result = plan_result(plan)
    if check or not plan.steps:
        return result
    log: list[str] = []
    began = time.monotonic()
    try:
        for step in plan.steps:
            if log and step.told_after and time.monotonic() - began >= step.told_after:
                raise _next(step)
            log.append(act(step, node))
        result["plan"] = plan.sentences + _prove(subject, params, node, act, log)
    except (StepFailed, NotProved) as failure:
        failure.details["done"] = plan.sentences[: len(log)]
        _undo(subject, params, node, act, failure)
        raise
    return result


def _next(step: Step) -> NotYet:
    return NotYet(f"Not all is done yet; next: {step.why}.", step=step.why, deadline=getattr(step.action, "timeout", 0))


def _undo(subject: Subject, params: Mapping[str, Any], node: Reader, act: Act, failure: CollectionError) -> None:
    """Take back what a subject can take back; the failure says what was done about it."""
    if subject.undo is None:
        return
    desired = subject.desired(params)
    undone = subject.undo(desired, subject.observe(node, desired))
    for step in undone.steps:
        act(step, node)
    if undone.steps:
        failure.message += f" The change was taken back: {'; '.join(undone.sentences)}."
        failure.details["undone"] = undone.sentences


def _prove(subject: Subject, params: Mapping[str, Any], node: Reader, act: Act, log: list[str]) -> list[str]:
    """Observe again until nothing is left to do; an exit code is no proof. Returns what was mended on the way."""
    deadline = time.monotonic() + subject.settle
    mended: list[str] = []
    while True:
        left = make_plan(subject, params, node)
        if not left.steps and not left.refusals:
            return mended
        mending = [step for step in left.steps if step.mends and step.why not in mended]
        if mending and len(mending) == len(left.steps) and not left.refusals:
            log += [act(step, node) for step in mending]
            mended += [step.why for step in mending]
            continue
        if time.monotonic() >= deadline:
            missing = left.sentences + [str(refusal) for refusal in left.refusals]
            raise NotProved(
                f"All steps ran, but the node is not as wanted. Still to do: {'; '.join(missing)}.",
                "The output of the steps is in failure.log.",
                remaining=missing,
                log=log,
            )
        time.sleep(1)


@dataclass(frozen=True)
class Inquiry:
    """A reading module: ``answer`` gives what it returns, in the shape its writing counterpart accepts."""

    name: str
    argument_spec: Mapping[str, Any]
    answer: Callable[[Reader, Mapping[str, Any]], Mapping[str, Any]]
