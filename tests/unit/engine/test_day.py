"""Days as people write them."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.day import end_of_day, told_day


def test_a_day_ends_when_the_next_one_begins() -> None:
    assert end_of_day("1970-01-01") == 86400
    assert told_day(end_of_day("2027-02-28")) == "2027-02-28"


def test_a_moment_that_ends_no_day_is_told_in_seconds() -> None:
    assert told_day(86401) == "86401"


@pytest.mark.parametrize("text", ["2027-02-30", "28.2.2027", ""])
def test_what_is_no_day_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        end_of_day(text)
