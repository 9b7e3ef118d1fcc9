"""The property that the memory across runs rests on: equal observed models mean equal plans.

A recording is varied answer by answer. As long as what the subject's observer makes of it stays the same, so must the
plan, or a run would take a changed node for the one that an earlier run has left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ansible_collections.baremetal.virt.plugins.module_utils.engine.digest import digest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Reader, Recorder, Recording, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, make_plan

#: How many lines, names or numbers of one answer are varied.
_MOST = 8
#: What an answer that makes no sense leads to; a node that gives one is not remembered.
_NO_ANSWER = (CollectionError, LookupError, ValueError, TypeError, AttributeError)


def assert_equal_models_mean_equal_plans(subject: Subject[Any, Any], params: Mapping[str, Any], node: Reader) -> None:
    """On a node on which nothing is to be done: only then is anything remembered."""
    recorder = Recorder(node)
    _model(subject, recorder)
    known = _seen(subject, params, recorder.recording)
    if known[1] != ([], [], []):
        return
    for question, recording in _variations(recorder.recording):
        seen = _seen(subject, params, recording)
        assert seen[0] != known[0] or seen == known, f"the plan depends on {question}, and the model does not"


def _model(subject: Subject[Any, Any], reader: Reader) -> Any:
    """An observer that is given the wish looks at a reader alone, too: mypy does not see its default."""
    observe: Callable[[Reader], Any] = subject.observe  # type: ignore[assignment]
    return observe(reader)


def _seen(subject: Subject[Any, Any], params: Mapping[str, Any], recording: Recording) -> tuple[str, Any]:
    """The digest of the model, and the plan; in place of each why there is none."""
    limits = {f"{subject.name}_{name}": float(value) for name, value in params.items() if isinstance(value, int)}
    try:
        model = digest(_model(subject, Replay(recording)), limits)
    except _NO_ANSWER as error:
        model = repr(error)
    try:
        plan = make_plan(subject, params, Replay(recording))
    except _NO_ANSWER as error:
        return model, repr(error)
    return model, ([step.id for step in plan.steps], list(plan.refusals), list(plan.warnings))


def _variations(recording: Recording) -> Iterator[tuple[str, Recording]]:
    for scope, answers in recording.items():
        for question, answer in answers.items():
            for other in _others(answer):
                yield question, {**recording, scope: {**answers, question: other}}


def _others(answer: Any) -> Iterator[Any]:
    """Other answers to the same question."""
    if isinstance(answer, str):
        yield None
        yield from _texts(answer)
    elif isinstance(answer, dict):
        yield None
        yield {**answer, "mode": answer["mode"] ^ 0o22, "owner": "somebody"}
    elif isinstance(answer, (int, float)):
        yield from (None, answer + 1, answer + 1000)
    elif isinstance(answer, list) and len(answer) == 3 and isinstance(answer[0], int):
        yield [1, "", "it failed"]
        yield from ([answer[0], text, answer[2]] for text in _texts(answer[1]))
    elif isinstance(answer, list):
        yield from (answer[:number] + answer[number + 1 :] for number in range(min(len(answer), _MOST)))
        yield [*answer, "zzz-new"]


def _texts(text: str) -> Iterator[str]:
    """Without everything, without each line, and with each number changed."""
    yield ""
    lines = text.splitlines(keepends=True)
    if len(lines) > 1:
        yield from ("".join(lines[:number] + lines[number + 1 :]) for number in range(min(len(lines), _MOST)))
    for found in list(re.finditer(r"\d+", text))[:_MOST]:
        yield f"{text[: found.start()]}{int(found.group()) + 1}{text[found.end() :]}"
