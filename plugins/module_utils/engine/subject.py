# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way a module works: desired → observe → decide → plan → apply → observe again and prove.

``Subject`` wires the four parts of a subject together. ``transport/module.py`` runs it on a node; the action plugin
``plugin_utils/fast_path.py`` runs its first half on the controller. Neither knows any subject.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, Callable, Generic, Optional, TypeVar

from .condition import Condition
from .errors import CollectionError, NotProved, Refused, StepFailed, Unreadable
from .plan import Plan, Step, Wait
from .reader import NODE, Reader, Scope

Desired = TypeVar("Desired")
Observed = TypeVar("Observed")
#: Carries out one step on a node and returns what was printed: ``transport.perform``, or a test's double.
Act = Callable[[Step, Any], str]
#: Has all steps carried out by a function that tells of each whether it is done; the first that is not, if one is not.
Order = Callable[[Sequence[Step], Callable[[Step], bool]], Optional[Step]]


@dataclass(frozen=True)
class Premise:
    """What has to be so on a node before a subject changes anything there, and before it looks what there is to change.

    observe: reader → what is.  decide: that → the steps, all of them waits, until it is as it has to be; pure.
    """

    observe: Callable[[Reader], Any]
    decide: Callable[[Any], tuple[Step, ...]]


@dataclass(frozen=True)
class Subject(Generic[Desired, Observed]):
    """One subject of the collection.

    desired: validated module parameters → the subject's desired state (raises Invalid).
    observe: (reader, desired) → what is.  decide: (desired, observed) → Plan; pure.
    scope: ``cluster`` when a change of this subject may change what other nodes would observe.
    settle: seconds to keep looking until the desired state is proved (daemons that need time to join).
    patience: seconds of work after which the result is ``unfinished`` where a step begins or is waited for, so that
    whoever asked can tell the progress and ask again. 0: everything is done in one go.
    constraints: further keyword arguments of AnsibleModule, such as ``required_if``.
    progress: (reader, desired, unfinished step) → how far that is, in figures, for whoever tells the user.
    programs: modules of ``transport/programs`` that its plans may run on the node.
    undo: (desired, observed) → Plan that takes back a change which failed or was not proved; pure.
    premise: without it nothing is changed.
    controller: it is carried out on the controller, by what can be asked and changed from there.
    idle: (desired) → whether it asks for nothing at all, so that nobody needs to be looked at.
    confirms: desired → what the controller looks for over a new connection, when a step is handed to it; it needs
    ``patience``.
    """

    name: str
    argument_spec: Mapping[str, Any]
    desired: Callable[[Mapping[str, Any]], Desired]
    observe: Callable[[Reader, Desired], Observed]
    decide: Callable[[Desired, Observed], Plan]
    scope: Scope = NODE
    settle: float = 0
    patience: float = 0
    constraints: Mapping[str, Any] = field(default_factory=dict)
    progress: Optional[Callable[[Reader, Desired, Step], Mapping[str, Any]]] = None
    programs: tuple[ModuleType, ...] = ()
    undo: Optional[Callable[[Desired, Observed], Plan]] = None
    premise: Optional[Premise] = None
    controller: bool = False
    idle: Optional[Callable[[Desired], bool]] = None
    confirms: Optional[Callable[[Desired], Any]] = None


def make_plan(subject: Subject[Any, Any], params: Mapping[str, Any], reader: Reader) -> Plan:
    """The pure half: what would have to be done, given these parameters and this reader's answers."""
    desired = subject.desired(params)
    return subject.decide(desired, subject.observe(reader, desired))


def plan_result(plan: Plan) -> dict[str, Any]:
    """What every module returns, from the plan alone. Raises Refused when the plan holds refusals."""
    if plan.refusals:
        reasons = [str(refusal) for refusal in plan.refusals]
        told: dict[str, Any] = {"plan": plan.sentences, "warnings": list(plan.warnings), "tells": dict(plan.tells)}
        raise Refused(" ".join(reasons), "", refusals=reasons, **told)
    result: dict[str, Any] = {"changed": bool(plan.steps), "refusals": [], **plan.tells, **_told(plan)}
    if plan.warnings:
        result["plan_warnings"] = list(plan.warnings)  # what becomes of "warnings" on its way is up to Ansible
        result["warnings"] = list(plan.warnings)
    if plan.steps:
        result["diff"] = {"before": plan.before or {}, "after": plan.after or {}, "prepared": _listed(plan)}
    return result


def _told(plan: Plan) -> dict[str, Any]:
    return {"plan": plan.sentences, "steps": plan.told, "destructive": plan.destructive}


def _listed(plan: Plan) -> str:
    """The plan below the diff: one line for each step, and a mark where something is destroyed."""
    steps = zip((*plan.steps, *plan.perhaps), plan.sentences)
    return "".join(f"{'!' if step.destructive else '*'} {sentence}\n" for step, sentence in steps)


def one_by_one(steps: Sequence[Step], carry_out: Callable[[Step], bool]) -> Optional[Step]:
    """In the order of the plan."""
    return next((step for step in steps if not carry_out(step)), None)


def converge(
    subject: Subject[Any, Any],
    params: Mapping[str, Any],
    node: Reader,
    check: bool,
    act: Act,
    order: Order = one_by_one,
) -> dict[str, Any]:
    """Bring the node to the desired state (or, in check mode, say what that would take)."""
    if subject.premise is not None and not check:
        for step in subject.premise.decide(subject.premise.observe(node)):
            _wait(step, node, time.monotonic())
    plan = make_plan(subject, params, node)
    result = plan_result(plan)
    if check or not plan.steps:
        return result
    work = _Work(subject, params, node, act, possible=plan.possible)
    try:
        left = order(plan.steps, work.carry_out)
        if left is not None:
            return {**result, **work.unfinished(left)}
        work.prove()
    except (StepFailed, NotProved) as failure:
        failure.details.update(done=[step.why for step in work.done], steps=work.told["steps"])
        _undo(work, failure)
        raise
    return {**result, **work.told}


class _Work:
    """The steps that one call carries out, what they printed, and how many seconds they took."""

    def __init__(
        self,
        subject: Subject[Any, Any],
        params: Mapping[str, Any],
        node: Reader,
        act: Act,
        possible: Iterable[Step],
    ) -> None:
        self.subject, self.params, self.node, self.act = subject, params, node, act
        self.possible = {step.id for step in possible}
        self.done: list[Step] = []
        self.log: list[str] = []
        self.seconds: dict[str, float] = {}
        self.began = time.monotonic()

    def carry_out(self, step: Step) -> bool:
        """Whether the step is done; if not, it is time to tell how far things are."""
        patience = self.subject.patience
        if self.done and patience and time.monotonic() - self.began >= patience:
            return False
        if not self._act(step):
            return False
        self.done.append(step)
        return True

    def _act(self, step: Step) -> bool:
        """False when what the step waits for has not come while there was patience."""
        began = time.monotonic()
        if isinstance(step.action, Wait):
            come = _wait(step, self.node, began, self.subject.patience)
        else:
            self.log.append(self.act(step, self.node))
            come = True
        self.seconds[step.id] = time.monotonic() - began
        return come

    @property
    def told(self) -> dict[str, Any]:
        """What is done, as results have it."""
        told = _told(Plan(steps=tuple(self.done)))
        steps = [{**step, "seconds": round(self.seconds[step["id"]], 2)} for step in told["steps"]]
        return {**told, "steps": steps}

    def undo(self, plan: Plan) -> None:
        for step in plan.steps:
            self._act(step)

    def unfinished(self, step: Step) -> dict[str, Any]:
        """What is done so far, and the step at which it goes on when the module is called again."""
        left = {"deadline": getattr(step.action, "timeout", 0), "hint": step.hint, "progress": self._progress(step)}
        return {"changed": bool(self.done), **self.told, "unfinished": {**step.told, **left}}

    def _progress(self, step: Step) -> dict[str, Any]:
        """That it cannot be told now is no reason to stop."""
        if self.subject.progress is None:
            return {}
        try:
            return dict(self.subject.progress(self.node, self.subject.desired(self.params), step))
        except Unreadable:
            return {}

    def prove(self) -> None:
        """Observe again until nothing is left to do; an exit code is no proof. Possible steps are taken once."""
        began = time.monotonic()
        deadline = began + self.subject.settle
        mended: set[str] = set()
        while True:
            left = self._left()
            if not left.steps and not left.refusals:
                return
            mending = [step for step in left.steps if step.id in self.possible - mended]
            waited = time.monotonic() - began
            ripe = all(waited >= step.grace for step in mending)
            if mending and ripe and len(mending) == len(left.steps) and not left.refusals:
                for step in mending:
                    self._act(step)
                    self.done.append(step)
                    mended.add(step.id)
            elif time.monotonic() >= deadline:
                raise self._not_proved(left)
            else:
                time.sleep(_pause(waited))

    def _left(self) -> Plan:
        """What a look at the node asks for, without what was done and shows nowhere."""
        plan = make_plan(self.subject, self.params, self.node)
        done = {step.id for step in self.done if step.unseen}
        return replace(plan, steps=tuple(step for step in plan.steps if step.id not in done))

    def _not_proved(self, left: Plan) -> NotProved:
        missing = left.sentences + [str(refusal) for refusal in left.refusals]
        return NotProved(
            f"All steps ran, but the node is not as wanted. Still to do: {'; '.join(missing)}.",
            "The output of the steps is in failure.log.",
            remaining=missing,
            log=self.log,
        )


def _wait(step: Step, node: Reader, began: float, patience: float = 0) -> bool:
    """Ask until all conditions hold. False: patience is over first; StepFailed: the time of the wait is."""
    action = step.action
    if not isinstance(action, Wait):
        raise AssertionError(f"{step.id} is no wait")
    timeout = 0 if action.handed else min(action.timeout, patience or action.timeout)
    until: Optional[Sequence[Condition]] = None
    while True:
        until = until or _begun(action.until, node)
        missing = [one for one in until or action.until if not one.holds(node)]
        if not missing:
            return True
        for condition in action.lost:
            if condition.holds(node):
                words = condition.words(node).rstrip(".")
                raise StepFailed(f"{step.why} failed: {words}.", step.hint, step=step.why, id=step.id)
        if time.monotonic() + action.interval > began + timeout:
            break
        time.sleep(action.interval)
    if timeout < action.timeout:
        return False
    waited = f"waited {timeout:.0f} seconds for {' and '.join(one.lacking(node) for one in missing)}"
    raise StepFailed(f"{step.why} failed: {waited}.", step.hint, step=step.why, id=step.id)


def _begun(until: Sequence[Condition], node: Reader) -> Optional[Sequence[Condition]]:
    try:
        return [condition.begun(node) for condition in until]
    except Unreadable:
        return None


def _pause(waited: float) -> float:
    """Most of what is looked for again comes within the first seconds: nobody sleeps past it by much."""
    return min(1.0, max(0.2, waited / 4))


def _undo(work: _Work, failure: CollectionError) -> None:
    """Take back what a subject can take back; the failure says what was done about it."""
    subject = work.subject
    if subject.undo is None:
        return
    desired = subject.desired(work.params)
    undone = subject.undo(desired, subject.observe(work.node, desired))
    work.undo(undone)
    if undone.steps:
        failure.message += f" The change was taken back: {'; '.join(undone.sentences)}."
        failure.details["undone"] = undone.sentences


@dataclass(frozen=True)
class Waiting:
    """How an inquiry is asked again until nothing is in the way; it has the options ``timeout`` and ``interval``.

    subject: what is waited for. pending: the key of the answer that lists what is still in the way. shown: the keys
    whose values are told whenever they change. advice: what the user can do when time is up. lasting: the key that
    lists what no waiting ends, if the answer has one.
    """

    subject: str
    pending: str
    shown: tuple[str, ...]
    advice: str
    lasting: str = ""


@dataclass(frozen=True)
class Inquiry:
    """A reading module: ``answer`` gives what it returns, in the shape its writing counterpart accepts.

    With the option ``may_be_off``, a host that cannot be reached is an answer, too (``answered``: false).
    settles: the key of the answer that lists what is not yet as it should be. The node looks again every second until
    nothing is, for as long as the option ``timeout`` says; so it never answers from recorded readings.
    insists: whether what is listed then is refused, and not an answer. With the option ``insist`` the caller says so.
    waiting: how the controller asks again, if it does.
    programs: modules of ``transport/programs`` that its questions name.
    controller: as in ``Subject``.
    patience: seconds after which a command that it asks is ended.
    """

    name: str
    argument_spec: Mapping[str, Any]
    answer: Callable[[Reader, Mapping[str, Any]], Mapping[str, Any]]
    settles: str = ""
    insists: bool = False
    waiting: Optional[Waiting] = None
    programs: tuple[Any, ...] = ()
    controller: bool = False
    patience: float = 30


def ask(inquiry: Inquiry, params: Mapping[str, Any], node: Reader) -> Mapping[str, Any]:
    """The answer; of an inquiry that settles, the first good one, or the last before time is over."""
    answer = inquiry.answer(node, params)
    if not inquiry.settles:
        return answer
    began = now = time.monotonic()
    while answer[inquiry.settles] and now < began + params["timeout"]:
        time.sleep(_pause(now - began))
        now = time.monotonic()
        answer = inquiry.answer(node, params)
    problems = list(answer[inquiry.settles])
    if problems and inquiry.insists and params.get("insist", True):
        raise Refused(" ".join(problems), refusals=problems)
    return answer
