"""What calico-node tells of its BIRD."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.status import status_from


@pytest.mark.parametrize(
    ("begun", "told", "ready"),
    [
        ("2026-11-30 12:00:00", "2026-11-30T12:03:59Z", False),
        ("2026-11-30 12:00:00", "2026-11-30T12:04:00Z", True),
        ("2026-11-30 23:59:00", "2026-12-01T00:01:00Z", False),
        ("2026-11-28 09:00:00", "2026-11-30T12:00:00Z", True),
        ("", "2026-11-30T12:00:00Z", True),
    ],
)
def test_bird_that_has_just_begun_is_not_ready_whatever_is_said(begun: str, told: str, ready: bool) -> None:
    agent = {"birdV4": {"state": "Ready", "lastBootTime": begun}}
    status = {"agent": agent, "lastUpdated": told}
    assert status_from({"spec": {"node": "a"}, "status": status}).ready == ({"ipv4"} if ready else set())


def test_bird_that_is_not_there_is_not_ready() -> None:
    assert not status_from({"spec": {"node": "a"}, "status": {"agent": {"birdV4": {"state": "NotReady"}}}}).ready
