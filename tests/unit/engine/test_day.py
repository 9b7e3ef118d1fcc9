"""Days as people write them."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.day import (
    end_of_day,
    told_day,
    told_minute,
    written_day,
)


def test_a_day_ends_when_the_next_one_begins() -> None:
    assert end_of_day("1970-01-01") == 86400
    assert told_day(end_of_day("2027-02-28")) == "2027-02-28"


def test_a_moment_that_ends_no_day_is_told_in_seconds() -> None:
    assert told_day(86401) == "86401"


def test_a_moment_is_told_to_the_minute() -> None:
    assert told_minute(1_800_000_059) == "2027-01-15 08:00 UTC"


@pytest.mark.parametrize("text", ["2027-02-30", "28.2.2027", "", "9999-12-31"])
def test_what_is_no_day_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        end_of_day(text)


def test_a_day_ends_in_its_own_zone() -> None:
    assert end_of_day("2027-02-28", "Europe/Berlin") == end_of_day("2027-02-28") - 3600
    assert end_of_day("2027-07-31", "Europe/Berlin") == end_of_day("2027-07-31") - 7200
    assert end_of_day("2027-07-31", "Asia/Shanghai") == end_of_day("2027-07-31") - 8 * 3600


def test_a_day_is_written_in_one_way() -> None:
    assert {written_day(text) for text in ("2027-4-1", "2027-04-01", "2027-04-1")} == {"2027-04-01"}


def test_the_day_on_which_the_clocks_change_ends_once() -> None:
    assert end_of_day("2027-03-28", "Europe/Berlin") - end_of_day("2027-03-27", "Europe/Berlin") == 23 * 3600
    assert end_of_day("2027-10-31", "Europe/Berlin") - end_of_day("2027-10-30", "Europe/Berlin") == 25 * 3600


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "Europe"])
def test_what_is_no_zone_is_an_error(zone: str) -> None:
    with pytest.raises(ValueError):
        end_of_day("2027-02-28", zone)
