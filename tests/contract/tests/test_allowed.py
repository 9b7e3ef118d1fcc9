"""Declared differences: what they cover, and that they may not outlive their reason."""

from __future__ import annotations

from pathlib import Path

import allowed
import pytest
import recorded
from allowed import Allowed, DeclarationError, Deviation

NAME = "149-ceph-osd-create-pve1-again"
PLAYED = frozenset({NAME})


def rules(*differences: str, sometimes: bool = False) -> Allowed:
    return Allowed({}, (Deviation(frozenset({NAME}), differences, "because", sometimes),))


def test_a_star_stands_for_anything_and_nothing_else_does() -> None:
    known = rules("stdout * (in [use])")
    assert known.undeclared(NAME, ["stdout - x (in [use])", "stdout - x (in u)"]) == ["stdout - x (in u)"]
    assert known.undeclared("150-other", ["stdout - x (in [use])"]) == ["stdout - x (in [use])"]


def test_a_declaration_that_no_longer_differs_is_reported() -> None:
    known = rules("rc: 255 -> 2", "stderr *")
    known.undeclared(NAME, ["rc: 255 -> 2"])
    assert known.unused(PLAYED) == ["stderr * (because)"]
    assert known.unused(frozenset()) == []  # it was not played


def test_unless_it_shows_only_sometimes() -> None:
    assert rules("rc: *", sometimes=True).unused(PLAYED) == []


def test_the_file_of_this_project_can_be_read() -> None:
    transcripts = recorded.load()
    known = allowed.load(transcripts)
    assert known.exceptions
    assert all(entry.reason for entry in known.exceptions)
    assert set(known.not_covered) <= set(transcripts)


def test_a_number_must_mean_one_transcript(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yml"
    file.write_text("not covered: [{transcripts: [130], reason: x}]\ndiffers: []\n")
    with pytest.raises(DeclarationError, match="130 means 2 transcripts"):
        allowed.load(recorded.load(), file)
