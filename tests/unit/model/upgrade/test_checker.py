"""Upstream's checkers are read by their lines, and every sentence that they raise has its row."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.checker import (
    RAISED,
    CheckerLine,
    parse_report,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.checker_rows import (
    ROWS,
    UNKNOWN,
    raised,
    row_of,
)

from ....doubles.checker_texts import QUIET, SENTENCES, said, summary


def test_lines_are_read_through_their_colours_with_what_follows_them() -> None:
    text = said(("WARN", "updates for the following packages are available:\n  a, b"), *QUIET)
    report = parse_report(text)
    assert report.lines[0] == CheckerLine("WARN", "updates for the following packages are available: a, b")
    assert [line.level for line in report.lines] == ["WARN", *(level for level, _words in QUIET)]
    assert report.cut == "" and report.count("PASS") == 2


def test_a_sentence_that_begins_on_the_next_line_is_one() -> None:
    report = parse_report(said(("FAIL", "\ncorosync 2.x installed, cluster-wide upgrade to 3.x needed!")))
    assert report.lines == (CheckerLine("FAIL", "corosync 2.x installed, cluster-wide upgrade to 3.x needed!"),)


@pytest.mark.parametrize(("row", "level", "words"), SENTENCES)
def test_every_sentence_has_its_row(row: str, level: str, words: str) -> None:
    report = parse_report(said((level, words)))
    assert not report.cut
    assert [one.row.id for one in raised(report)] == [row]


def test_every_row_has_a_sentence_and_a_name_of_its_own() -> None:
    assert {row for row, _level, _words in SENTENCES} == {row.id for row in ROWS}
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_what_nobody_here_has_judged_is_in_the_way() -> None:
    line = CheckerLine("WARN", "the moon is in the wrong place")
    assert row_of(line) == UNKNOWN and UNKNOWN.refuses(line)


def test_the_gravest_come_first_and_what_passed_is_not_raised() -> None:
    report = parse_report(
        said(("NOTICE", "a"), ("PASS", "b"), ("WARN", "c"), ("FAIL", "d"), ("SKIP", "e"), ("INFO", "f"))
    )
    assert tuple(one.line.level for one in raised(report)) == RAISED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no heading"),
        ("= CHECKING VERSION INFORMATION FOR PVE PACKAGES =\n\nPASS: a\n", "without a summary"),
        (said(("FAIL", "a")).replace("FAIL: a", "a"), "FAILURES 1 where 0 were read"),
        (f"= A =\n\nNOTICE: a\n\n= SUMMARY =\n\n{summary([])}", "TOTAL 0 where 1 were read"),
        (said(("PASS", "a")).partition("TOTAL")[0], "PASSED None"),
    ],
)
def test_a_checker_that_was_cut_short_is_not_one_that_found_nothing(text: str, why: str) -> None:
    assert why in parse_report(text).cut
