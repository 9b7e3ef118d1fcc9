"""A situation is the same only when everything in it is; and an empty plan is remembered for exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_situation import (
    COLLECTION,
    ConvergedSituations,
    canonical,
    situation,
)

WISHES = {"host pve1": {"cluster_name": "campus", "cluster_links": ["10.10.2.0/24"]}}
READINGS: dict[str, Any] = {
    "pve1": {"node": {'["read", "/etc/hosts"]': "a", '["digest", "/k"]': None}, "cluster": {}},
    "pve2": {"node": {'["read", "/etc/hosts"]': "b", '["digest", "/k"]': None}, "cluster": {}},
}


def test_equal_situations_have_one_digest() -> None:
    turned = {host: READINGS[host] for host in ("pve2", "pve1")}
    assert situation(WISHES, READINGS) == situation(dict(WISHES), turned)


@pytest.mark.parametrize(
    ("host", "question"), [(host, question) for host in READINGS for question in READINGS["pve1"]["node"]]
)
def test_every_reading_counts(host: str, question: str) -> None:
    other = {name: {scope: dict(answers) for scope, answers in one.items()} for name, one in READINGS.items()}
    other[host]["node"][question] = "something else"
    assert situation(WISHES, other) != situation(WISHES, READINGS)


@pytest.mark.parametrize(
    ("allowed", "one", "other", "same"),
    [(0, 1, 400, True), (7, 1, 7, True), (7, 7, 8, False), (7, None, 8, False), (0, None, 8, True)],
)
def test_the_age_of_a_file_counts_when_it_is_too_old(allowed: int, one: object, other: object, same: bool) -> None:
    wishes = {"host pve1": {"repositories_lists_max_age": allowed}}
    digests = {situation(wishes, {"pve1": {"node": {'["age", "/l"]': days}, "cluster": {}}}) for days in (one, other)}
    assert (len(digests) == 1) is same


@pytest.mark.parametrize("changed", [{}, {"host pve1": {"cluster_name": "campus", "cluster_links": []}}])
def test_every_wish_counts(changed: dict[str, Any]) -> None:
    assert situation(changed, READINGS) != situation(WISHES, READINGS)


def test_the_collection_itself_counts(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    before = situation(WISHES, READINGS, tmp_path)
    (tmp_path / "roles" / "main.yml").write_text("a default that changes")
    assert situation(WISHES, READINGS, tmp_path) != before != situation(WISHES, READINGS, COLLECTION)


@dataclass(frozen=True)
class Thing:
    names: frozenset[str]


@pytest.mark.parametrize(
    ("one", "same"),
    [({"a": 1, "b": 2}, {"b": 2, "a": 1}), (Thing(frozenset("xyz")), Thing(frozenset("zyx"))), ((1, "x"), [1, "x"])],
)
def test_order_without_meaning_does_not_count(one: Any, same: Any) -> None:
    assert canonical(one) == canonical(same)


@pytest.mark.parametrize(
    ("one", "other"), [([1, 2], [2, 1]), ("1", 1), (None, ""), ({"a": 1}, {"a": 2}), (True, "True")]
)
def test_what_differs_stays_different(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


def test_situations_are_remembered_and_the_oldest_forgotten(tmp_path: Path) -> None:
    known = ConvergedSituations(tmp_path / "cache" / "converged")
    assert "d0" not in known
    for number in range(60):
        known.add(f"d{number}")
    assert "d59" in known and "d10" in known and "d9" not in known


SPACE = '["run", "df", "--block-size=1", "--output=avail,target", "/usr", "/var", "/boot"]'
STATUS = '["run", "pvesm", "status"]'


FIGURES = '["read", "/etc/pve/.rrd"]'
HOSTNAME = '["read", "/proc/sys/kernel/hostname"]'


def restless(free: int, active: str) -> dict[str, Any]:
    space = f"Avail Mounted on\n{free} /\n{free} /\n{free} /\n"
    status = f"Name Type Status Total Used Available %\nlocal dir {active} 264212084 {free} 74584000 12.04%\n"
    return {"pve1": {"node": {SPACE: [0, space, ""], STATUS: [0, status, ""]}, "cluster": {}}}


def test_what_never_rests_counts_only_as_far_as_it_matters() -> None:
    before = situation(WISHES, restless(76_374_470_656, "active"))
    assert situation(WISHES, restless(76_035_694_592, "active")) == before
    assert situation(WISHES, restless(76_035_694_592, "inactive")) != before
    assert situation(WISHES, restless(1_000_000, "active")) != before


def figures(time: int, used: int, *storages: str) -> dict[str, Any]:
    lines = "".join(f"pve-storage-9.0/pve1/{name}:{time}:1000:{used}\n" for name in storages)
    return {"pve1": {"node": {HOSTNAME: "pve1\n", FIGURES: lines}, "cluster": {}}}


def test_of_published_figures_only_counts_which_storages_are_active() -> None:
    before = situation(WISHES, figures(1795284100, 5, "local", "vms"))
    assert situation(WISHES, figures(1795284110, 6, "vms", "local")) == before
    assert situation(WISHES, figures(1795284110, 6, "local")) != before
