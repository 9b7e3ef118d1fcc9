"""Software-defined networks over HTTPS: staged, applied and proved, with the lock; and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotProved, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.failure import ApiFailure
from ansible_collections.baremetal.virt.plugins.modules.sdn import SUBJECT

from ....doubles import sdn_api
from ....doubles.api_server import ApiServer

pytestmark = pytest.mark.slow

SAID: dict[str, Any] = {
    "zones": [{"zone": "lab", "type": "simple", "ipam": "pve"}],
    "vnets": [{"vnet": "vn1", "zone": "lab"}],
    "subnets": [
        {
            "vnet": "vn1",
            "subnet": "10.50.0.0/24",
            "gateway": "10.50.0.1",
            "dhcp_range": ["10.50.0.100-10.50.0.150", "10.50.0.200-10.50.0.220"],
        }
    ],
    "fabrics": [{"fabric": "f1", "type": "openfabric", "ip_prefix": "10.30.0.0/24", "hello_interval": 3}],
}
GONE: dict[str, Any] = {
    "zones": [{"zone": "lab", "state": "absent"}],
    "vnets": [{"vnet": "vn1", "state": "absent"}],
    "subnets": [{"vnet": "vn1", "subnet": "10.50.0.0/24", "state": "absent"}],
    "fabrics": [{"fabric": "f1", "state": "absent"}],
}


@pytest.fixture
def controller(server: ApiServer, tmp_path: Path) -> Iterator[Controller]:
    (server.folder / "etc/frr").mkdir(parents=True, exist_ok=True)
    found = Controller(server.api())
    yield found
    server.order()
    run(found, tmp_path, GONE, break_lock=True)


def params(folder: Path, said: dict[str, Any], **more: Any) -> dict[str, Any]:
    return sdn_api.params(folder / "lock", **said, **more)


def run(controller: Controller, folder: Path, said: dict[str, Any], **more: Any) -> dict[str, Any]:
    def act(step: Step, reader: Any) -> str:
        return controller.act(step)

    return converge(replace(SUBJECT, settle=1), params(folder, said, **more), controller, False, act)


def test_everything_is_made_and_proved_and_goes(controller: Controller, tmp_path: Path, server: ApiServer) -> None:
    assert run(controller, tmp_path, SAID)["changed"]
    assert not run(controller, tmp_path, SAID)["changed"]
    api = server.api()
    (subnet,) = api.get("/cluster/sdn/vnets/vn1/subnets")
    assert [one["start-address"] for one in subnet["dhcp-range"]] == ["10.50.0.100", "10.50.0.200"]
    assert not (tmp_path / "lock").exists()
    changed = {**SAID, "fabrics": [{"fabric": "f1", "type": "openfabric", "unset": ["hello_interval"]}]}
    run(controller, tmp_path, changed)
    (fabric,) = api.get("/cluster/sdn/fabrics/all")["fabrics"]
    assert "hello_interval" not in fabric
    run(controller, tmp_path, GONE)
    assert api.get("/cluster/sdn/fabrics/all") == {"fabrics": [], "nodes": []}


def test_a_green_task_is_no_proof(controller: Controller, tmp_path: Path, server: ApiServer) -> None:
    server.order("network-reload-fails")
    with pytest.raises(NotProved, match=f"{server.node} shows the zone lab as pending") as failure:
        run(controller, tmp_path, SAID)
    assert "failed: exit code 255" in str(failure.value.details["log"])
    run(controller, tmp_path, SAID)


def test_a_killed_run_leaves_the_token_and_the_next_one_goes_on_with_its_lock(
    controller: Controller, tmp_path: Path
) -> None:
    assert controller.api is not None
    steps = make_plan(SUBJECT, params(tmp_path, SAID), controller).steps
    for step in steps[:3]:
        controller.act(step)
    again = make_plan(SUBJECT, params(tmp_path, SAID), controller)
    assert not any(step.id.startswith("sdn_lock") for step in again.steps)
    with pytest.raises(ApiFailure, match="invalid lock token"):
        controller.api.change("POST", "/cluster/sdn/zones", {"zone": "zz", "type": "simple"}, repeatable=False)
    run(controller, tmp_path, SAID)
    assert not (tmp_path / "lock").exists()


def test_somebody_elses_lock_stops_it(controller: Controller, tmp_path: Path, server: ApiServer) -> None:
    server.api().change("POST", "/cluster/sdn/lock", {}, repeatable=False)
    with pytest.raises(StepFailed, match="invalid lock token provided"):
        run(controller, tmp_path, SAID)
    assert not (tmp_path / "lock").exists()
    assert server.api().get("/cluster/sdn/zones") == []


def test_a_staged_change_of_the_nodes_own_network_is_seen(
    controller: Controller, tmp_path: Path, server: ApiServer
) -> None:
    new = server.folder / "etc/network/interfaces.new"
    new.parent.mkdir(parents=True, exist_ok=True)
    new.write_text("auto vmbr7\n")
    refused = make_plan(SUBJECT, params(tmp_path, SAID), controller).refusals
    new.unlink()
    assert [one.reason for one in refused] == [
        f"On {server.node} a change of the node's own network is staged, and would be activated along."
    ]
