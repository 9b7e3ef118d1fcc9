"""dpkg's order of versions, as deb-version(7) explains it and dpkg --compare-versions answers."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.version import compare, version_key

ASCENDING = [
    "0.9~~",
    "0.9~",
    "0.9",
    "0.9-1",
    "1.0~rc1-1",
    "1.0",
    "1.0a",
    "1.0+b1",
    "1.0.1",
    "1.0.9",
    "1.0.10",
    "6.8.12-9-pve",
    "6.8.12-43-pve",
    "6.8.12-43-pve.bak",
    "6.12.43+deb12-amd64",
    "6.14.11-4-pve",
    "1:0.1",
]


@pytest.mark.parametrize(("older", "newer"), list(itertools.combinations(ASCENDING, 2)))
def test_order(older: str, newer: str) -> None:
    assert compare(older, newer) < 0 < compare(newer, older)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0-0"), ("0:1.0", "1.0"), ("1.00", "1.0"), ("", "0")])
def test_same(one: str, other: str) -> None:
    assert compare(one, other) == 0


def test_key() -> None:
    texts = sorted(ASCENDING)
    assert texts != ASCENDING
    assert sorted(texts, key=version_key) == ASCENDING
