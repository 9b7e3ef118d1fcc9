"""What becomes of the quorum device in a run, for any cluster and any wish."""

from __future__ import annotations

from typing import Any

import pytest

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_site import FRESH, THREE, TWO, Infos, info, seen
from ....doubles.qdevice_nodes import NAMED

ADDRESS = "10.10.1.14"
WANTED = {"host": "qnetd", "address": ADDRESS}
ODD = {**WANTED, "allow_odd": True}
GONE = {"state": "absent"}
NOBODY: dict[str, Any] = {}

WITH = {f"host{number}": info(lab.member(number, NAMED, lab.STATUS_REMOVED)) for number in (1, 2)}
ELSEWHERE = {host: {**one, "qdevice": "10.10.1.99"} for host, one in WITH.items()}
GROWS = {**WITH, "host3": FRESH["host3"]}


def course(infos: Infos, qdevice: dict[str, Any], **changes: Any) -> set[str]:
    """The names of what holds."""
    return {name for name, holds in seen(infos, qdevice=qdevice, **changes)["device"].items() if holds}


@pytest.mark.parametrize(
    ("infos", "qdevice", "expected"),
    [
        pytest.param(TWO, NOBODY, set(), id="nobody speaks of one"),
        pytest.param(WITH, NOBODY, set(), id="one that nobody speaks of stays"),
        pytest.param(GROWS, NOBODY, set(), id="so it does when a node is to join, which is then refused"),
        pytest.param(TWO, WANTED, {"set_up", "comes", "returns"}, id="it comes"),
        pytest.param(WITH, WANTED, {"set_up", "returns"}, id="it is there"),
        pytest.param(ELSEWHERE, WANTED, {"set_up", "comes", "returns"}, id="it comes from another host"),
        pytest.param(GROWS, WANTED, {"aside", "pauses", "set_up", "comes", "returns"}, id="it goes for a joiner"),
        pytest.param(THREE, WANTED, {"set_up", "comes"}, id="three nodes"),
        pytest.param(THREE, ODD, {"set_up", "comes", "returns"}, id="three nodes, which is permitted"),
        pytest.param(WITH, GONE, {"pauses"}, id="it goes for good"),
        pytest.param(WITH, {**WANTED, **GONE}, {"pauses"}, id="it goes for good, and its host is known"),
        pytest.param(FRESH, GONE, {"pauses"}, id="there is to be none"),
    ],
)
def test_the_course_of_the_device(infos: Infos, qdevice: dict[str, Any], expected: set[str]) -> None:
    assert course(infos, qdevice) == expected


def test_a_run_without_the_lead_sets_no_device_up() -> None:
    assert course(GROWS, WANTED, play=["host3"]) == {"aside", "pauses", "returns"}


@pytest.mark.parametrize(
    ("qdevice", "play", "known"),
    [
        (WANTED, ["host1", "host2", "host3"], None),
        (GONE, ["host1", "host2", "host3"], None),
        (NOBODY, ["host1", "host2", "host3"], ADDRESS),
        (WANTED, ["host3"], ADDRESS),
    ],
)
def test_a_joiner_meets_a_device_that_this_run_does_not_take_out(
    qdevice: dict[str, Any], play: list[str], known: Any
) -> None:
    lead = seen(GROWS, qdevice=qdevice, play=play)["hosts"]["host3"]["context"]["lead"]
    assert lead["qdevice"] == known


@pytest.mark.parametrize(
    ("infos", "qdevice", "states"),
    [
        (TWO, NOBODY, [None, None]),
        (TWO, WANTED, [None, None]),
        (TWO, GONE, ["absent", "absent"]),
        (WITH, NOBODY, [None, None]),
        (WITH, WANTED, ["voting", "voting"]),
        (ELSEWHERE, WANTED, [None, None]),
        (WITH, GONE, [None, None]),
        (GROWS, WANTED, ["voting", "voting", None]),
        (FRESH, GONE, [None, None, None]),
    ],
)
def test_how_far_the_device_is_to_be_on_each_node_already(
    infos: Infos, qdevice: dict[str, Any], states: list[Any]
) -> None:
    assert [one["qdevice"] for one in seen(infos, qdevice=qdevice)["hosts"].values()] == states


@pytest.mark.parametrize(
    ("infos", "qdevice", "wanted", "before_joins"),
    [
        (TWO, NOBODY, None, None),
        (TWO, WANTED, {"host": ADDRESS, "allow_odd": False}, None),
        (THREE, ODD, {"host": ADDRESS, "allow_odd": True}, None),
        (WITH, GONE, {"state": "absent"}, {"state": "absent"}),
        (GROWS, WANTED, {"host": ADDRESS, "allow_odd": False}, {"state": "absent"}),
    ],
)
def test_what_the_configuration_is_to_say(
    infos: Infos, qdevice: dict[str, Any], wanted: Any, before_joins: Any
) -> None:
    config = seen(infos, qdevice=qdevice)["config"]
    assert (config["qdevice"], config["qdevice_before_joins"]) == (wanted, before_joins)
