"""What is still in storages of machines that are no more, and which storage does not tell."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable

from ....doubles.fleet_cluster import FLEET, FleetCluster, made, release_plan, released

STU = {"owners": ["stu02@pve"]}


@pytest.fixture
def cluster() -> FleetCluster:
    found = FleetCluster()
    made(found, FLEET)
    return found


def test_volumes_that_stayed_are_told(cluster: FleetCluster) -> None:
    released(cluster, FLEET, **STU)
    del cluster.machines[1201]
    cluster.left = [{"volid": "vms:vm-1201-disk-7", "content": "images", "vmid": 1201}]
    assert any("vm-1201-disk-7" in warning for warning in release_plan(cluster, FLEET, **STU).warnings)


def test_a_storage_that_does_not_tell_is_named_whoever_else_is_gone(
    cluster: FleetCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(cluster, FLEET, fleet="os")
    del cluster.machines[1200], cluster.machines[1201]
    asked = FleetCluster._of_node

    def of_node(self: FleetCluster, node: str, parts: list[str], words: dict[str, str]) -> Any:
        if parts[0] == "storage" and "content" not in words:
            raise Unreadable("500 no answer")
        return asked(self, node, parts, words)

    monkeypatch.setattr(FleetCluster, "_of_node", of_node)
    told = "Nobody can tell what vms still holds of machines that are no more: 500 no answer"
    assert told in release_plan(cluster, FLEET, **STU).warnings
    assert told in release_plan(cluster, FLEET, fleet="os").warnings
    assert not release_plan(cluster, FLEET, owners=["stu03@pve"]).warnings
