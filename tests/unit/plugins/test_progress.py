"""What the user sees while something takes long: by the step's topic, never by its sentence."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.text import duration
from ansible_collections.baremetal.virt.plugins.plugin_utils.progress import Progress

DATA = "wait until all data of osd.2 is on other OSDs"


def wait(topic: str, why: str = DATA, deadline: float = 600) -> Progress:
    return Progress({"id": "some.step:2", "topic": topic, "why": why, "deadline": deadline, "hint": "Look at it."}, 0)


def moving(objects: int, rate: int = 0, speed: int = 0) -> dict[str, Any]:
    told = {"objects": objects, "objects_per_second": rate, "bytes_per_second": speed, "seconds": None}
    return {"moving": told, "placement_groups": 7}


def test_how_much_is_left_how_fast_it_goes_and_how_long_that_takes() -> None:
    assert wait("data", deadline=86400).line(moving(1200, 34, 130 << 20), 600) == (
        f"{DATA}: 7 placement groups on it, 1200 objects left, 34 per second (130 MiB/s), about 35 seconds;"
        " 23 h 50 min until the deadline"
    )


def test_where_ceph_does_not_say_how_fast_it_goes_it_is_measured() -> None:
    data = wait("data")
    assert "1000 objects left, none has moved yet; 10 minutes until" in data.line(moving(1000), 0)
    assert "900 objects left, 5.0 per second, about 3 minutes; 10 minutes until" in data.line(moving(900), 20)
    assert "7 placement groups on it, 0 objects left; 60 seconds until" in data.line(moving(0), 540)


def test_data_of_no_osd_in_particular() -> None:
    figures = {"moving": moving(1200, 34)["moving"]}
    line = wait("data").line(figures, 60)
    assert line == f"{DATA}: 1200 objects left, 34 per second, about 35 seconds; 9 minutes until the deadline"


def test_monitors() -> None:
    figures = {"monitors": {"all": ["pve1", "pve2", "pve4"], "quorum": ["pve1", "pve2"]}}
    line = wait("monitor", "wait for mon.pve4", deadline=300).line(figures, 10)
    assert line == "wait for mon.pve4: 2 of 3 monitors in quorum; 5 minutes until the deadline"


def test_guests_and_what_their_migration_said_last() -> None:
    told = wait("guest", "wait for VM 101", deadline=21600).line({"guests": 2, "said": "1.2 GiB of 4.0 GiB"}, 600)
    assert told == "wait for VM 101: 2 guests still on the node, 1.2 GiB of 4.0 GiB; 5 h 50 min until the deadline"
    assert "wait for VM 101: 1 guest still" in wait("guest", "wait for VM 101").line({"guests": 1}, 0)


def test_what_has_no_figures_tells_the_time_that_is_left() -> None:
    line = wait("power", "wait until pve3 is off", deadline=300).line({"guests": 3}, 60)
    assert line == "wait until pve3 is off; 4 minutes until the deadline"
    assert wait("file", "make a directory", deadline=0).line({}, 60) == "make a directory", "it has no deadline"


@pytest.mark.parametrize("topic", ["data", "guest", "monitor"])
def test_what_cannot_be_told_is_no_reason_to_stop(topic: str) -> None:
    assert f"{DATA}: how far it has come is not known now; 10 minutes" in wait(topic).line({}, 10)


def test_it_is_told_often_at_first_and_seldom_later() -> None:
    data = wait("data", deadline=86400)
    told = [now for now in range(0, 4 * 3600, 20) if data.due(now)]
    assert told[:4] == [0, 20, 40, 60] and len([now for now in told if now > 3 * 3600]) == 6


def test_the_deadline_begins_with_the_first_look() -> None:
    data = Progress({"id": "a", "topic": "data", "why": DATA, "deadline": 600, "hint": "Look at it."}, 1000)
    assert [data.over(now) for now in (1599, 1600)] == [False, True]
    assert data.failure() == f"{DATA} failed: not so after 10 minutes. Look at it."


def test_durations() -> None:
    told = ["1 second", "40 seconds", "12 minutes", "5 h 20 min"]
    assert [duration(seconds) for seconds in (1.2, 40, 720, 19200)] == told
