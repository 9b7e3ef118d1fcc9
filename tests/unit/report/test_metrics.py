"""A plan as numbers for Prometheus."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.metrics import plan_metrics


def step(host: str, topic: str, destructive: bool = False) -> dict[str, object]:
    return {"host": host, "topic": topic, "destructive": destructive}


def numbers(plan: dict[str, object], site: str = "campus") -> list[str]:
    text = plan_metrics(plan, site, 1234.4)
    assert text.endswith("\n")
    return [line.removeprefix("baremetal_drift_") for line in text.splitlines() if not line.startswith("#")]


def test_steps_are_counted_by_host_and_topic() -> None:
    steps = [step("pve1", "file"), step("pve1", "file", destructive=True), step("pve2", "service")]
    assert numbers({"state": "steps", "steps": steps, "warnings": [{}]}) == [
        'known{site="campus"} 1',
        'time_seconds{site="campus"} 1234',
        'steps{site="campus",host="pve1",topic="file"} 2',
        'steps{site="campus",host="pve2",topic="service"} 1',
        'destructive_steps{site="campus"} 1',
        'warnings{site="campus"} 1',
    ]


def test_nothing_to_do_is_a_number_as_well() -> None:
    assert 'steps{site="campus"} 0' in numbers({"state": "nothing", "steps": [], "warnings": []})


@pytest.mark.parametrize("plan", [{}, {"state": "incomplete"}, {"state": "refused", "steps": [], "warnings": []}])
def test_what_is_not_known_is_not_none(plan: dict[str, object]) -> None:
    assert numbers(plan) == ['known{site="campus"} 0', 'time_seconds{site="campus"} 1234']


def test_names_may_hold_anything() -> None:
    assert numbers({}, 'a"b\\c\nd')[0] == 'known{site="a\\"b\\\\c\\nd"} 0'


def test_every_number_says_what_it_is() -> None:
    text = plan_metrics({"state": "steps", "steps": [step("a", "b")], "warnings": []}, "x", 0)
    assert text.count("# HELP ") == text.count("# TYPE ") == 5
