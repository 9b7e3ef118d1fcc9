"""Guests over HTTPS: tasks that are begun and followed, by the module as a run has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT

from ....doubles.api_server import ApiServer
from ....doubles.guest_api import params

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def storage(server: ApiServer) -> None:
    text = f"dir: vms\n\tpath {server.folder / 'vms'}\n\tcontent images\n"
    (server.folder / "etc/pve/storage.cfg").write_text(text, encoding="utf-8")
    (server.folder / "vms").mkdir(exist_ok=True)


def run(server: ApiServer, *vms: dict[str, Any]) -> dict[str, Any]:
    return converge(
        SUBJECT, params(vms=list(vms)), Controller(server.api()), False, lambda step, controller: controller.act(step)
    )


def web(**more: Any) -> dict[str, Any]:
    disk = {"slot": "scsi0", "storage": "vms", "size": "1M"}
    return {"vmid": 1201, "name": "web1", "running": True, "disks": [disk], **more}


def test_made_changed_and_destroyed(server: ApiServer, tmp_path: Path) -> None:
    made = run(server, web())
    assert [step["id"] for step in made["steps"]] == ["vm.create:1201", "vm.start:1201"]
    assert not run(server, web())["changed"]
    assert [step["id"] for step in run(server, web(tags=["Web"]))["steps"]] == ["vm.change:1201"]
    run(server, web(tags=["web"], running=False))
    assert run(server, {"vmid": 1201, "name": "web1", "state": "absent"})["destructive"] == ["vm.destroy:1201"]
    assert not run(server, {"vmid": 1201, "name": "web1", "state": "absent"})["changed"]


def test_a_task_that_fails_is_told_and_leaves_nothing(server: ApiServer) -> None:
    nowhere = {"slot": "scsi1", "storage": "vms", "import_from": "vms:99/vm-99-disk-0.raw"}
    with pytest.raises(StepFailed, match="does not exist"):
        run(server, web(disks=[nowhere]))
    assert not (server.folder / "etc/pve/nodes" / server.node / "qemu-server/1201.conf").exists()
