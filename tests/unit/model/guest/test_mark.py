"""The line by which a guest is known to be ours."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.mark import (
    Mark,
    parse_mark,
    with_mark,
    without_mark,
)
from hypothesis import given
from hypothesis import strategies as st

OURS = Mark(1201, "web1", {"owner": "ann", "fleet": "os"})


def test_it_stands_below_what_people_write() -> None:
    assert str(OURS) == "baremetal.virt: vmid=1201 name=web1 fleet=os owner=ann"
    text = with_mark("The shop.\nAsk Ann.", OURS)
    assert text == f"The shop.\nAsk Ann.\n\n{OURS}"
    assert parse_mark(text) == OURS
    assert without_mark(text) == "The shop.\nAsk Ann."
    assert with_mark("", OURS) == str(OURS)


@pytest.mark.parametrize(
    "text",
    ["", "The shop.", "baremetal.virt: vmid=x name=web1", "baremetal.virt: name=web1", f"{OURS}\n{OURS}", f"x {OURS}"],
)
def test_what_is_no_mark(text: str) -> None:
    assert parse_mark(text) is None


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_texts_of_people_are_kept(text: str) -> None:
    whole = with_mark(text, OURS)
    if parse_mark(text) is None and "baremetal.virt:" not in text:
        assert parse_mark(whole) == OURS
        assert without_mark(whole) == text.strip()
