"""The order of the nodes, who is spared, and when another one may be begun."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.wave import upgrade_wave
from ansible_collections.baremetal.virt.plugins.module_utils.site.upgrade.window import upgrade_may_begin

REASON = "6.14.11-4-pve runs, and the next boot takes 6.14.11-5-pve"


def info(number: int, **changes: Any) -> dict[str, Any]:
    report = {
        "node": f"pve{number}",
        "current": False,
        "updates": [{"package": "pve-manager", "installed": "9.0.3", "available": "9.0.11", "security": False}],
        "unfinished": {},
        "lists_age": 0,
        "candidates": {"pve-manager": "9.0.11"},
        "reboot": [REASON],
        "guests": 0,
        "marked": False,
        "master": False,
        "services_on_old": [],
        "guests_on_old": [],
        "notices": [],
    }
    return {"host": f"host{number}", "report": {**report, **changes}}


def order(*infos: dict[str, Any], **given: Any) -> list[str]:
    return [one["node"] for one in upgrade_wave(infos, **given)["order"]]


def test_few_guests_first_and_the_ha_master_last() -> None:
    assert order(info(1, master=True), info(2, guests=5), info(3, guests=1)) == ["pve3", "pve2", "pve1"]


def test_among_equals_the_order_of_the_inventory() -> None:
    assert order(info(2), info(1), info(3)) == ["pve2", "pve1", "pve3"]


def test_what_was_begun_comes_first_and_is_judged_alone() -> None:
    infos = info(1), info(2, guests=9, master=True, marked=True), info(3)
    assert order(*infos) == ["pve2", "pve1", "pve3"]
    assert upgrade_wave(infos)["planned"] == ["host2"]
    assert upgrade_wave([info(1), info(2)])["planned"] == ["host1", "host2"]
    assert order(*infos, begun=True) == ["pve2"]
    assert order(*infos, node="pve1") == ["pve1"]


CURRENT = {"current": True, "updates": [], "reboot": []}


def test_who_is_up_to_date_is_spared() -> None:
    assert order(info(1, **CURRENT), info(2)) == ["pve2"]
    assert order(info(1, **CURRENT), info(2, **CURRENT)) == []
    assert order(info(1, **CURRENT, marked=True)) == ["pve1"]
    assert order(info(1, **CURRENT), reboot="always") == ["pve1"]


@pytest.mark.parametrize(
    ("reboot", "reasons", "boots"),
    [("needed", [REASON], True), ("needed", [], False), ("always", [], True), ("never", [REASON], False)],
)
def test_boots(reboot: str, reasons: list[str], boots: bool) -> None:
    assert upgrade_wave([info(1, reboot=reasons)], reboot=reboot)["boots"] == {"host1": boots}


def test_somebody_else_acts() -> None:
    found = upgrade_wave([info(1), info(2), info(3)])
    assert found["actors"] == {"host1": "host2", "host2": "host1", "host3": "host1"}
    assert set(found["elsewhere"]["host1"]) == {"pve2", "pve3"}


def test_one_alone() -> None:
    assert upgrade_wave([info(1)])["actors"] == {"host1": "host1"}
    with pytest.raises(Invalid, match="alone, has 2 guests"):
        upgrade_wave([info(1, guests=2)])
    assert order(info(1, guests=2), reboot="never") == ["pve1"]


def test_wrong_words() -> None:
    with pytest.raises(Invalid, match="No host of the inventory is the node pve9"):
        upgrade_wave([info(1)], node="pve9")
    with pytest.raises(Invalid, match="'sometimes' does not say"):
        upgrade_wave([info(1)], reboot="sometimes")


def test_what_people_read() -> None:
    security = {"package": "openssl", "installed": None, "available": "3.5", "security": True}
    one = info(1, updates=[security], unfinished={"a": "unpacked"}, guests_on_old=[100], notices=["A notice."])
    lines = upgrade_wave([one, info(2, **CURRENT)])["lines"]
    assert lines == [
        "pve1: 1 packages, 1 of them for security, by today's lists.",
        "pve1: openssl new → 3.5 (security)",
        "pve1: a was left unpacked.",
        f"pve1: would be rebooted, as {REASON}.",
        "pve1: replaced programs still run in guests 100.",
        "pve1: A notice.",
        "pve2: is up to date.",
    ]
    assert f"pve1: is not rebooted, although {REASON}." in upgrade_wave([one], reboot="never")["lines"]


@pytest.mark.parametrize(
    ("age", "said"), [(0, "today's lists"), (1, "lists that are 1 day old"), (9, "lists that are 9 days old")]
)
def test_how_old_the_lists_are_that_say_so(age: int, said: str) -> None:
    assert upgrade_wave([info(1, lists_age=age)])["lines"][0].endswith(f", by {said}.")


def test_a_node_that_has_never_fetched_lists_says_so() -> None:
    assert upgrade_wave([info(1, lists_age=None)])["lines"][0].endswith(", as apt has never fetched its lists.")


NIGHT = {"from": "22:00", "until": "04:00"}


@pytest.mark.parametrize(
    ("window", "now", "seconds", "begins"),
    [
        ({}, "12:00", 9999, True),
        (NIGHT, "22:00", None, True),
        (NIGHT, "21:59", None, False),
        (NIGHT, "03:00", None, True),
        (NIGHT, "03:01", None, False),
        (NIGHT, "03:40", 1200, True),
        (NIGHT, "03:41", 1200, False),
        (NIGHT, "04:00", 1, False),
        ({"from": "01:00", "until": "05:00"}, "00:30", None, False),
        ({"from": "01:00", "until": "05:00"}, "01:30", 3600, True),
        (NIGHT, "22:00", 7 * 3600, False),
    ],
)
def test_windows(window: dict[str, str], now: str, seconds: Optional[float], begins: bool) -> None:
    assert upgrade_may_begin(window, now, seconds) == begins


@pytest.mark.parametrize(
    "window",
    [
        {"from": "22:00"},
        {"from": "9", "until": "10"},
        {"from": "22:00", "until": "22:00"},
        {"from": 1320, "until": 240},
    ],
)
def test_windows_that_are_none(window: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        upgrade_may_begin(window, "12:00")
