"""What galaxy-importer 0.4.44 said of this collection (but for lines that name its parts): well, and hindered."""

from __future__ import annotations

from pathlib import Path

import importer
import pytest

RECORDED = Path(__file__).parent / "importer"


def said(name: str) -> str:
    return (RECORDED / f"{name}.log").read_text()


def test_an_archive_to_which_it_has_nothing_to_say() -> None:
    assert list(importer.objections(said("good"))) == []


def test_a_lint_that_was_cut_short_is_a_failure_although_it_ends_with_success() -> None:
    text = said("lint_timeout")
    assert "Importer processing completed successfully" in text
    assert list(importer.objections(text)) == ["ERROR: Timeout on call to ansible-lint"]


def test_a_lint_that_is_missing_is_a_failure() -> None:
    found = list(importer.objections(said("no_lint")))
    assert found == [
        "WARNING: ansible-lint not found, skipping lint of collection",
        "It never said: ...ansible-lint run complete",
    ]


@pytest.mark.parametrize("line", importer.ALL_OF_IT)
def test_what_it_did_not_come_to_is_a_failure(line: str) -> None:
    text = said("good").replace(f"{line}\n", "")
    assert list(importer.objections(text)) == [f"It never said: {line}"]


def test_an_import_that_fails_is_told_with_its_reason() -> None:
    (reason, *rest) = importer.objections(said("changed_file"))
    assert reason.startswith("ERROR: The import failed for the following reason: ")
    assert "It never said: Importer processing completed successfully" in rest


def test_how_it_ended_counts_as_well(tmp_path: Path) -> None:
    (tmp_path / "python").write_text(f"#!/bin/sh\ncat {RECORDED / 'good.log'}\nexit 3\n")
    (tmp_path / "python").chmod(0o755)
    assert list(importer.objections(importer.examine(Path("a.tar.gz"), tmp_path))) == ["ERROR: it ended with 3"]
