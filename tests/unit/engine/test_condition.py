"""A condition is judged by meaning, and what cannot be known fulfils none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.condition import EVERY, Condition, Key, Op
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader, command

ANSWER = {"up": 1, "weight": 0.5, "names": ["a", "b"], "nothing": [], "mons": [{"name": "a"}, {"name": "b"}]}


def said(answer: Any, rc: int = 0) -> list[Any]:
    return [rc, json.dumps(answer), "noise"]


@pytest.mark.parametrize(
    ("path", "op", "value", "holds"),
    [
        (("up",), "is", 1, True),
        (("up",), "is", 0, False),
        (("up",), "is not", 0, True),
        (("up",), "one of", (0, 1), True),
        (("weight",), "at least", 0.5, True),
        (("weight",), "at most", 0.4, False),
        (("names",), "has", "a", True),
        (("names",), "has any", ("x", "a"), True),
        (("names",), "has any", ("x", "y"), False),
        (("names",), "lacks", "a", False),
        (("names", 1), "is", "b", True),
        (("names",), "some", None, True),
        (("nothing",), "some", None, False),
        (("nothing",), "none", None, True),
        (("mons", EVERY, "name"), "has", "b", True),
        (("mons", EVERY, "name"), "lacks", "c", True),
        ((), "has", "up", True),
    ],
)
def test_what_an_answer_says(path: tuple[Key, ...], op: Op, value: Any, holds: bool) -> None:
    assert Condition(command("ask"), path, op, value).judge(said(ANSWER)) is holds


@pytest.mark.parametrize("op", ["is", "is not", "lacks", "none", "at most"])
@pytest.mark.parametrize(
    "answer", [said({"up": 1}, rc=1), [0, "no JSON", ""], said({}), said([]), said({"down": {"deep": 1}}), said("text")]
)
def test_what_cannot_be_known_holds_in_no_sense(op: Op, answer: list[Any]) -> None:
    assert not Condition(command("ask"), ("down", "deeper"), op, 3).judge(answer)


@pytest.mark.parametrize("op", ["has", "has any", "lacks", "some", "none", "at least", "at most"])
def test_a_text_is_no_list_and_no_number(op: Op) -> None:
    assert not Condition(command("ask"), (), op, "t").judge(said("text"))


def test_an_element_without_the_key_leaves_the_whole_unknown() -> None:
    condition = Condition(command("ask"), ("mons", EVERY, "name"), "lacks", "c")
    assert not condition.judge(said({"mons": [{"name": "a"}, {}]}))


def test_text_is_searched_line_by_line_whatever_the_exit_code() -> None:
    condition = Condition(command("quorum"), (), "matches", r"^Expected votes:\s+2$")
    assert condition.judge([2, "Quorate: No\nExpected votes:   2\n", ""])
    assert not condition.judge([0, "Expected votes:   22\n", ""])


def test_files_and_directories() -> None:
    assert Condition(Question("read", ("/members",)), ("quorate",), "is", 1).judge('{"quorate": 1}')
    assert not Condition(Question("read", ("/members",)), ("quorate",), "is not", 1).judge(None)
    assert Condition(Question("names", ("/etc",)), (), "lacks", "hosts").judge(["fstab"])


class Silent(Reader):
    def look(self, question: Question) -> Any:
        raise Unreadable("It did not answer in time.")


def test_a_program_that_hangs_is_asked_again() -> None:
    assert not Condition(command("ask"), (), "lacks", "x").holds(Silent())


def test_a_person_can_read_it() -> None:
    assert str(Condition(command("ceph", "osd", "info", "4"), ("up",), "is", 0)) == "up is 0 in ceph osd info 4"
    assert str(Condition(command("ceph", "mgr"), (), "some")) == "the answer some in ceph mgr"
    assert str(Condition(command("ls"), (), "matches", "x$")) == "/x$/ in ls"


def test_a_function_says_what_is_missing() -> None:
    def missing(names: list[str]) -> list[str]:
        return [f"{name} is missing" for name in ("a", "c") if name not in names]

    class Told(Reader):
        def look(self, question: Question) -> Any:
            return said(ANSWER)

    condition = Condition(command("ask"), ("names",), "passes", missing, "all names")
    assert not condition.judge(said(ANSWER))
    assert condition.judge(said({"names": ["a", "c"]}))
    assert condition.lacking(Told()) == "all names: c is missing"
    assert not condition.judge(said({}))


def test_what_counts_from_the_beginning_of_a_wait_on() -> None:
    told = {"number": 3}

    class Told(Reader):
        def look(self, question: Question) -> Any:
            return said(told)

    def larger(first: int) -> Callable[[int], list[str]]:
        return lambda now: [] if now > first else [f"{now} is no more than {first}"]

    condition = Condition(command("ask"), ("number",), "passes since", larger, "more")
    assert not condition.holds(Told())
    begun = condition.begun(Told())
    assert begun.lacking(Told()) == "more: 3 is no more than 3"
    told["number"] = 4
    assert begun.holds(Told())
    told.clear()
    with pytest.raises(Unreadable, match="What is there before more is not known"):
        condition.begun(Told())
