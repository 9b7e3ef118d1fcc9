"""All observers at once: nothing is asked twice, and what goes wrong in one of them is heard of where it matters."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import (
    CLUSTER,
    NODE,
    Question,
    Reader,
    Replay,
)
from ansible_collections.baremetal.virt.plugins.module_utils.transport.record import record


class SlowNode(Reader):
    """Counts the questions, and takes a moment for each."""

    def __init__(self) -> None:
        self.asked: Counter[Question] = Counter()

    def look(self, question: Question) -> Any:
        self.asked[question] += 1
        time.sleep(0.01)
        return question.argument[0]


def _observer(reader: Reader) -> None:
    for path in ("/one", "/two"):
        reader.read(path)
    reader.read("/cluster", scope=CLUSTER)


@pytest.mark.parametrize(("with_cluster", "questions"), [(False, 2), (True, 3)])
def test_every_question_is_asked_once(with_cluster: bool, questions: int) -> None:
    node = SlowNode()
    recording = record(node, with_cluster, (_observer,) * 8)
    assert sorted(node.asked.values()) == [1] * questions
    assert len(recording[NODE]) + len(recording.get(CLUSTER, {})) == questions


def test_a_mistake_in_an_observer_is_raised() -> None:
    def broken(reader: Reader) -> None:
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        record(SlowNode(), True, (_observer, broken, _observer))


def test_what_one_subject_cannot_read_hides_nothing_from_the_others() -> None:
    def broken(reader: Reader) -> None:
        reader.read("/broken")
        raise Unreadable("a file that nobody understands")

    recording = record(SlowNode(), True, (broken, _observer))
    assert len(recording[NODE]) == 3
    with pytest.raises(Unreadable):
        broken(Replay(recording))
