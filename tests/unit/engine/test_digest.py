"""Equal models have equal digests, and different ones different digests."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass, field
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.digest import canonical, digest, limited_by


@dataclass(frozen=True)
class Thing:
    names: frozenset[str]
    age: Optional[int] = field(default=None, metadata=limited_by("max_age"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Thing(frozenset("xyz")), Thing(frozenset("zyx"))),
        ((1, "x"), [1, "x"]),
        ({1: "a"}, {1: "a"}),
    ],
)
def test_order_without_meaning_does_not_count(one: Any, other: Any) -> None:
    assert digest(one, {}) == digest(other, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [2, 1]),
        ("1", 1),
        (None, ""),
        ({"a": 1}, {"a": 2}),
        (True, "True"),
        ({1: "a"}, {"1": "a"}),
        (Thing(frozenset("x")), Thing(frozenset("y"))),
        (ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("10.0.0.2")),
        (datetime.date(2030, 1, 1), datetime.date(2030, 1, 2)),
    ],
)
def test_what_differs_stays_different(one: Any, other: Any) -> None:
    assert digest(one, {}) != digest(other, {})


@pytest.mark.parametrize(
    ("limits", "one", "other", "same"),
    [
        ({}, 1, 400, True),
        ({"max_age": 0}, 1, 400, True),
        ({"max_age": 7}, 1, 7, True),
        ({"max_age": 7}, 7, 8, False),
        ({"max_age": 7}, None, 8, False),
        ({"max_age": 7}, None, 7, True),
    ],
)
def test_what_grows_by_itself_counts_when_it_passes_its_limit(
    limits: dict[str, float], one: Optional[int], other: Optional[int], same: bool
) -> None:
    digests = {digest([Thing(frozenset(), age)], limits) for age in (one, other)}
    assert (len(digests) == 1) is same


@pytest.mark.parametrize("value", [object(), b"bytes", len, Thing])
def test_what_has_no_canonical_form_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="has no canonical form"):
        canonical({"a": [value]}, {})
