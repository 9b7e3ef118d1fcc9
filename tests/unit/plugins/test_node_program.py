"""Parts of the collection as one program: they run with nothing but Python, and answer whatever else is printed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.plugin_utils import node_program, node_reader, node_work
from ansible_collections.baremetal.virt.plugins.plugin_utils.node_program import PLUGINS, answer, packed, program

from ...doubles.sent import ran

WISHES: dict[str, Any] = {
    "node": "pve3",
    "mode": "retire",
    "addresses": None,
    "standalone": False,
    "confirmed_powered_off": [],
    "expected_votes": None,
    "qdevice": None,
    "discard": [],
    "local_disks": False,
    "single_monitor": False,
    "tolerated_health": [],
    "data_deadline": 600,
    "done": [],
}


def test_it_is_made_of_what_is_asked_for_and_what_that_imports() -> None:
    frame = "answer = {'files': sorted(filter(SOURCES.get, SOURCES))}"
    done = ran(program(packed([PLUGINS / "module_utils/engine/reader.py"]), frame))
    engine = "plugins.module_utils.engine"
    assert answer(done.stdout, done.stderr) == {"files": [f"{engine}.errors", f"{engine}.reader"]}


WRITTEN = '''# Copyright: somebody
"""What it is for."""
#: Said of the text.
TEXT = """one
# two
"""


class Thing:
    """A thing
    # of two lines."""

    # Said of the number.
    number = 1  # said behind it

    def told(self, text: str, *more: "str", äh: dict[str, int] = {}, **other: int) -> tuple[str, ...]:
        kept: int = 1
        return (text,)
'''
SENT = '''
""

TEXT = """one
# two
"""


class Thing:
    ""



    number = 1  # said behind it

    def told(self, text, *more, äh = {}, **other):
        kept: int = 1
        return (text,)
'''


def test_what_is_only_for_people_stays_here_and_every_line_keeps_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_program, "PLUGINS", tmp_path / "plugins")
    path = tmp_path / "plugins" / "thing.py"
    path.parent.mkdir()
    path.write_text(WRITTEN)
    done = ran(program(packed([path]), "answer = {'text': SOURCES['plugins.thing']}"))
    assert answer(done.stdout, done.stderr)["text"] == SENT


def test_it_is_kept_as_long_as_no_file_of_the_collection_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else lies in its place, such as half of it, is made anew."""
    made: list[list[Path]] = []

    def make(files: list[Path]) -> str:
        made.append(files)
        return f"it, for time {len(made)}"

    monkeypatch.setattr(node_program, "_packed", make)
    monkeypatch.setattr(node_program, "_own_digest", lambda: "today's")
    files = [PLUGINS / "module_utils/engine/reader.py"]
    assert [packed(files), packed(iter(files))] == ["it, for time 1"] * 2
    assert packed([]) == "it, for time 2"
    assert packed(files) == "it, for time 1"
    sent = tmp_path / "cache" / "baremetal.virt" / "sent"
    assert [place.stat().st_mode & 0o077 for place in (sent, *sent.iterdir())] == [0, 0, 0], "nodes run it as root"
    monkeypatch.setattr(node_program, "_own_digest", lambda: "tomorrow's")
    assert [packed(files), packed(files)] == ["it, for time 3"] * 2
    for kept in sent.iterdir():
        kept.write_text(kept.read_text()[:-5])
    assert packed(files) == "it, for time 4"
    for kept in sent.iterdir():
        kept.write_text("tomorrow's")
    assert packed(files) == "it, for time 5"
    assert made == [files, [], files, files, files]


def test_where_it_cannot_be_kept_it_is_made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("no folder")
    done = ran(program(packed([]), "answer = {}"))
    assert answer(done.stdout, done.stderr) == {}
    assert (tmp_path / "cache").read_text() == "no folder"


def test_a_program_in_it_is_found_by_its_source() -> None:
    """Those of transport/programs become processes of their own."""
    frame = """
from plugins.module_utils.transport.programs import begin
answer = {"begins": "import sys" in begin.__loader__.get_source(begin.__name__)}
"""
    source = program(packed([PLUGINS / "module_utils/transport/programs/begin.py"]), frame)
    done = ran(source)
    assert answer(done.stdout, done.stderr) == {"begins": True}


def test_a_login_script_that_prints_does_no_harm() -> None:
    done = ran(program(packed([]), "answer = {}"))
    assert answer(f"Welcome!\n{done.stdout}Bye.\n", "") == {}


@pytest.mark.parametrize(("stdout", "stderr", "said"), [("", "No such file", "No such file"), ("", "", "nothing")])
def test_a_node_that_does_not_answer_is_an_error_with_its_words(stdout: str, stderr: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        answer(stdout, stderr)


def test_a_subject_works_without_ansible() -> None:
    """Here it is refused, as this machine is in no cluster; that is the same result as the module's."""
    done = ran(node_work.program("node_membership", WISHES, check=True))
    told = answer(done.stdout, done.stderr)
    assert told["failed"] and told["failure"]["kind"] == "Refused"
    assert "is not a member of a cluster. Run this on a member that stays." in told["msg"]


def test_what_is_sent_to_a_node_again_and_again_stays_small() -> None:
    assert len(node_work.program("node_membership", WISHES, check=False)) < 150_000
    assert len(node_reader.program(with_cluster=True)) < 90_000


FORMS = '''
def plain(one: int, /, two: "x -> y" = 1, *, three: "dict[str, int]" = {}) -> "x -> y": return two
class Outer:
    @staticmethod
    def several(
        one: int, two: str = " -> :", *more: int,
        three: Optional[
            int
        ] = None,
    ) -> dict[
        str, int
    ]:
        """Said of it."""
        def inner(ä: str, b: Callable[[int], str] = lambda x: "#") -> str:
            return ä
        return {inner: lambda one, two=3: one}
    async def later(self, one: int) -> int:
        return one
'''
TRAVEL = [PLUGINS / "modules", PLUGINS / "module_utils"]


def _left(source: str) -> list[str]:
    """What Python makes of it, with the line of each statement, but for types of functions and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return [
        ast.dump(tree),
        *(f"{one.lineno} {type(one).__name__}" for one in ast.walk(tree) if isinstance(one, ast.stmt)),
    ]


def test_every_form_of_a_function_means_the_same_without_its_types(tmp_path: Path) -> None:
    path = tmp_path / "forms.py"
    path.write_text(FORMS)
    sent = node_program._read(path)[0]
    assert _left(sent) == _left(FORMS)
    assert "def plain(one, /, two = 1, *, three = {}): return two" in sent and "def inner(ä, b = lambda" in sent


@pytest.mark.slow
def test_every_file_that_may_travel_means_the_same_there() -> None:
    files = [path for folder in TRAVEL for path in sorted(folder.rglob("*.py"))]
    assert len(files) > 100
    assert [path for path in files if _left(node_program._read(path)[0]) != _left(path.read_text("utf-8"))] == []
