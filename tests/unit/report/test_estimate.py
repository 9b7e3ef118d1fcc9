"""How long a plan will take."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.estimate import Estimate, estimate, medians
from ansible_collections.baremetal.virt.plugins.module_utils.report.plan import Document, document, note


def plan(subject: str, **hosts: list[tuple[str, str]]) -> Document:
    """Host → its steps: id and topic."""
    notes = []
    for host, own in hosts.items():
        steps = [{"id": id, "topic": topic, "why": id, "destructive": False, "possible": False} for id, topic in own]
        notes.append(note({"host": host, "subject": subject, "steps": steps}))
    return document("campus", list(hosts), notes)


def test_hosts_work_side_by_side_and_the_slowest_counts() -> None:
    made = plan("ceph_osd", pve1=[("osd.create:a", "data")], pve2=[("osd.create:b", "data"), ("osd.create:c", "data")])
    assert estimate(made, {"osd.create": 12}) == Estimate(24, measured=True)


def test_joins_come_one_after_the_other() -> None:
    joins: Any = {host: [(f"cluster.join:{host}", "cluster")] for host in ("pve2", "pve3")}
    assert estimate(plan("cluster", **joins), {"cluster.join": 15}) == Estimate(30, measured=True)


def test_what_nobody_has_measured_is_guessed_by_its_topic_and_called_a_guess() -> None:
    made = plan("proxmox_ve", pve1=[("package.install", "packages"), ("file.write:/etc/hosts", "file")])
    assert estimate(made, {}) == Estimate(91, measured=False)
    assert not estimate(made, {"file.write": 0.1}).measured
    assert estimate(made, {"package.install": 200}) == Estimate(201, measured=True)


def test_a_step_that_is_only_possible_takes_no_time() -> None:
    step = {"id": "service.restart:a", "topic": "service", "why": "restart a", "destructive": False, "possible": True}
    made = document("campus", ["pve1"], [note({"host": "pve1", "subject": "cluster", "steps": [step]})])
    assert estimate(made, {"service.restart": 9}) == Estimate(0, measured=False)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [([3, 1, 2], 2), ([100, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1), ([5], 5)],
)
def test_the_last_measurements_of_a_kind_count(seconds: list[float], expected: float) -> None:
    assert medians([("osd.create", one) for one in seconds]) == {"osd.create": expected}
