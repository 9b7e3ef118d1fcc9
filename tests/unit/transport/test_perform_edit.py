"""EditFile and Program: a file is changed as it is found, and a program of the collection runs by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import EditFile, Program, Step
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform


@dataclass(frozen=True)
class Without:
    word: str

    def __call__(self, text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if self.word not in line)


def edit(path: Path, word: str) -> str:
    return perform(Step(f"forget {word}", EditFile(str(path), Without(word)), f"file.edit:{path}", "file"), Node())


def test_what_others_have_added_since_stays(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 and the mode do, too."""
    path = tmp_path / "keys"
    path.write_bytes(b"one\ntwo\n\xff new\n")
    path.chmod(0o640)
    edit(path, "one")
    assert path.read_bytes() == b"two\n\xff new\n" and path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_right_already_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("two\n")
    before = path.stat()
    assert edit(path, "one").endswith("is right as it is")
    assert path.stat().st_ino == before.st_ino


def test_a_file_that_is_not_there_stays_so(tmp_path: Path) -> None:
    assert edit(tmp_path / "keys", "one").endswith("is not there")
    assert not (tmp_path / "keys").exists()


@pytest.fixture
def greeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = tmp_path / "greeting.py"
    path.write_text("import sys\nif __name__ == '__main__':\n    print(*sys.argv[1:]); sys.exit(len(sys.argv) - 2)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return __import__("greeting")


def test_a_program_runs_with_its_arguments(greeting: ModuleType) -> None:
    assert perform(Step("greet", Program("greeting", ("hello",)), "greet:one", "guest"), Node(greeting)) == "hello\n"


def test_a_program_that_fails_fails_the_step(greeting: ModuleType) -> None:
    with pytest.raises(StepFailed, match="greet failed with exit code 1: hello you."):
        perform(Step("greet", Program("greeting", ("hello", "you")), "greet:one", "guest"), Node(greeting))
