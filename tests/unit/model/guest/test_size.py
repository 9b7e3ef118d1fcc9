"""Sizes as they stand in a configuration."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.size import format_size, in_gib, parse_size
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "size", "shown"),
    [("32G", 32 << 30, "32G"), ("3584M", 3584 << 20, "3584M"), ("1024M", 1 << 30, "1G"), ("0.5G", 512 << 20, "512M")],
)
def test_the_largest_unit_in_which_it_is_whole(text: str, size: int, shown: str) -> None:
    assert parse_size(text) == size
    assert format_size(size) == shown


@pytest.mark.parametrize("text", ["", "big", "-1G", "1GB", "1 G"])
def test_what_is_no_size(text: str) -> None:
    assert parse_size(text) is None


@given(st.integers(0, 1 << 50))
def test_it_is_read_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(st.integers(1, 1 << 20))
def test_a_new_volume_has_as_many_bytes(mib: int) -> None:
    assert round(float(in_gib(mib << 20)) * (1 << 30)) == mib << 20
