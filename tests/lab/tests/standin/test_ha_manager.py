"""The HA manager: guests leave a node in maintenance mode and come back, and commands are carried out once."""

from __future__ import annotations

import pytest
from pve_standin.core import cfs
from pve_standin.core.sectionconfig import Section
from pve_standin.guest import config as guests
from pve_standin.ha import config, manager
from pve_standin.ha import status as ha_status
from pve_standin.ha.status import Status


class Cluster:
    """pve1 to pve3, with VM 100 on pve3."""

    def __init__(self) -> None:
        self.members = ["pve1", "pve2", "pve3"]
        self.online = list(self.members)
        self.wanted = {"vm:100": "started"}
        self.node = "pve3"
        self.commands: list[list[str]] = []
        self.rules: dict[str, Section] = {}
        self.status: Status = {}

    def decide(self, *commands: str) -> Status:
        """One round; the service, after the node has done what the manager decided."""
        self.commands = [command.split() for command in commands]
        manager.decide()
        service: Status = self.status["service_status"].get("vm:100", {})
        self.node = service.get("target", self.node)
        return service


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(cfs, "nodename", lambda: "pve1")
    monkeypatch.setattr(cfs, "node_list", lambda: {name: {"online": int(name in made.online)} for name in made.members})
    monkeypatch.setattr(guests, "guests", lambda: {100: {"node": made.node, "type": "qemu"}})
    monkeypatch.setattr(config, "read", lambda path: made.rules if path == config.RULES else {})
    monkeypatch.setattr(ha_status, "managed", lambda: made.wanted)
    monkeypatch.setattr(ha_status, "take_commands", lambda: made.commands)
    monkeypatch.setattr(ha_status, "read", lambda: made.status)
    monkeypatch.setattr(ha_status, "write", lambda status: setattr(made, "status", status))
    return made


def test_maintenance_mode_moves_a_guest_away_and_its_end_moves_it_back(cluster: Cluster) -> None:
    assert cluster.decide("enable-node-maintenance pve3")["target"] == "pve1"
    assert cluster.status["node_status"] == {"pve1": "online", "pve2": "online", "pve3": "maintenance"}
    assert cluster.decide()["state"] == "started"
    assert cluster.decide("disable-node-maintenance pve3")["target"] == "pve3"
    assert cluster.decide()["state"] == "started"
    assert cluster.node == "pve3"


def test_a_stopped_guest_stays_until_somebody_sends_it(cluster: Cluster) -> None:
    cluster.wanted = {"vm:100": "stopped"}
    assert "target" not in cluster.decide("enable-node-maintenance pve3")
    assert cluster.decide("migrate vm:100 pve2")["target"] == "pve2"
    assert cluster.decide()["state"] == "stopped"


def test_a_strict_rule_keeps_it(cluster: Cluster) -> None:
    options = {"nodes": "pve3", "resources": "vm:100", "strict": "1"}
    cluster.rules = {"here": Section("node-affinity", "here", options)}
    assert "target" not in cluster.decide("enable-node-maintenance pve3")


def test_a_node_that_fails_keeps_its_guests(cluster: Cluster) -> None:
    cluster.online.remove("pve3")
    assert "target" not in cluster.decide()
    assert cluster.status["node_status"]["pve3"] == "unknown"


def test_what_was_asked_for_a_node_outlives_it_and_meets_the_next_of_its_name(cluster: Cluster) -> None:
    cluster.decide("enable-node-maintenance pve3")
    cluster.online.remove("pve3")
    cluster.decide()
    assert cluster.status["node_status"]["pve3"] == "maintenance"
    cluster.members.remove("pve3")
    cluster.decide()
    assert cluster.status["node_status"]["pve3"] == "gone"
    cluster.members.append("pve3")
    cluster.online.append("pve3")
    cluster.decide()
    assert cluster.status["node_status"]["pve3"] == "maintenance"


def test_a_request_is_taken_back_also_while_its_node_is_off(cluster: Cluster) -> None:
    cluster.decide("enable-node-maintenance pve3")
    cluster.online.remove("pve3")
    cluster.decide("disable-node-maintenance pve3")
    assert cluster.status["node_request"]["pve3"] == {}
    cluster.decide("enable-node-maintenance pve3")
    assert cluster.status["node_request"]["pve3"] == {}, "which is taken for a node that is online alone"
