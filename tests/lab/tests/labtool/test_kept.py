"""States of a lab that are put aside: which layers lie below a node after any order of keeping and going back."""

from __future__ import annotations

from pathlib import Path

import pytest
from labtool import kept, settings
from labtool.settings import Lab, LabError


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(settings, "STATE_ROOT", tmp_path)
    made = Lab("some", nodes=2)
    (made.state / "disks").mkdir(parents=True)
    for number in made.numbers:
        (made.node_dir(number) / "upper").mkdir(parents=True)
    return made


def write(lab: Lab, name: str) -> None:
    """As if the nodes had run and written something."""
    for number in lab.numbers:
        upper = lab.node_dir(number) / "upper"
        upper.mkdir(exist_ok=True)
        (upper / name).touch()


def below(lab: Lab) -> list[list[str]]:
    return [[path.name for folder in kept.layers(lab, number) for path in folder.iterdir()] for number in lab.numbers]


def test_a_state_lies_on_the_one_it_was_made_from(lab: Lab) -> None:
    assert below(lab) == [[], []]
    for name in ("installed", "full"):
        write(lab, f"{name}.txt")
        kept.keep(lab, name)
    assert below(lab) == [["full.txt", "installed.txt"]] * 2
    assert kept.known(lab) == ["full", "installed"]


def test_going_back_drops_what_came_later_and_keeps_it_for_another_time(lab: Lab) -> None:
    for name in ("installed", "full"):
        write(lab, f"{name}.txt")
        kept.keep(lab, name)
    write(lab, "later.txt")
    kept.back(lab, "installed")
    assert below(lab) == [["installed.txt"]] * 2
    assert not (lab.node_dir(1) / "upper").exists()
    write(lab, "other.txt")
    kept.keep(lab, "other")
    assert below(lab) == [["other.txt", "installed.txt"]] * 2
    kept.back(lab, "full")
    assert below(lab) == [["full.txt", "installed.txt"]] * 2
    kept.forget(lab)
    assert below(lab) == [[], []]


def test_what_cannot_be(lab: Lab) -> None:
    write(lab, "a.txt")
    kept.keep(lab, "a")
    write(lab, "b.txt")
    for name, does, words in (
        ("a", kept.keep, "kept already"),
        ("now", kept.keep, "not now"),
        ("../x", kept.keep, "letters"),
        ("b", kept.back, "no state b"),
    ):
        with pytest.raises(LabError, match=words):
            does(lab, name)
