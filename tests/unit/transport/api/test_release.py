"""Machines are given back over HTTPS: tasks that are followed, and logs of backups that are read."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Value
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.fleet_mark import FleetMark, OwnerMark
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.modules.guest_release import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT as GUEST

from ....doubles.api_server import ApiServer
from ....doubles.fleet_cluster import DAY, FLEET, params

pytestmark = pytest.mark.slow
VMID = 1200
STU = {"owners": ["stu01@pve"]}
MACHINE = {
    "vmid": VMID,
    "name": "stu01-vm",
    "pool": "os/stu01",
    "mark": {"fleet": "os", "owner": "stu01@pve", "machine": "vm", "expires": "2027-02-28"},
    "disks": [{"slot": "scsi0", "storage": "vms", "size": "1M"}],
}


def run(server: ApiServer, subject: Any, **said: Any) -> list[str]:
    given = params(subject.argument_spec, **said)
    done = converge(subject, given, Controller(server.api()), False, lambda step, controller: controller.act(step))
    return [step["id"] for step in done["steps"]]


@pytest.fixture(autouse=True)
def machine(server: ApiServer) -> None:
    folder = server.folder
    text = "".join(
        f"dir: {name}\n\tpath {folder / name}\n\tcontent {kind}\n\n"
        for name, kind in (("vms", "images"), ("backups", "backup"))
    )
    (folder / "etc/pve/storage.cfg").write_text(text, encoding="utf-8")
    api = server.api()
    marks = {"os": FleetMark("os", range(1200, 1300)), "os/stu01": OwnerMark("os", "stu01@pve", {"vm": 0})}
    for pool, mark in marks.items():
        api.change("POST", "/pools", {"poolid": pool, "comment": str(mark)}, False)
    api.change("POST", "/access/groups", {"groupid": "os"}, False)
    user: dict[str, Value] = {"userid": "stu01@pve", "groups": "os", "expire": int(time.time()) + DAY}
    api.change("POST", "/access/users", user, False)
    run(server, GUEST, vms=[MACHINE])


def test_stopped_backed_up_and_after_the_days_of_grace_destroyed(server: ApiServer) -> None:
    first = run(server, SUBJECT, fleets=[FLEET], **STU)
    assert first == [
        "pool.mark:os/stu01",
        "user.disable:stu01@pve",
        "guest.release:1200",
        "backup.make:1200",
        "backup.note:1200",
    ]
    assert run(server, SUBJECT, fleets=[FLEET], **STU) == []
    (archive,) = (server.folder / "backups/dump").glob("vzdump-qemu-1200-*.zst")
    before = int(time.time()) - 15 * DAY
    os.utime(archive, (before, before))
    assert run(server, SUBJECT, fleets=[FLEET], **STU) == ["backup.make:1200", "backup.note:1200"], (
        "older than the release"
    )
    released = OwnerMark("os", "stu01@pve", {"vm": 0}, released=before)
    server.api().change("PUT", "/pools", {"poolid": "os/stu01", "comment": str(released)}, True)
    for one in (server.folder / "backups/dump").glob("vzdump-qemu-1200-*.zst"):
        os.utime(one, (before, before))
    index = server.folder / "var/log/pve/tasks/index"
    oldest = f"UPID:{server.node}:00000001:00000001:{before - 1:08X}:qmcreate:1200:root@pam: {before:08X} OK\n"
    index.write_text(oldest + index.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(server, SUBJECT, fleets=[FLEET], **STU) == [
        "pool.mark:os",
        "guest.destroy:1200",
        "user.remove:stu01@pve",
        "pool.remove:os/stu01",
    ]
    assert run(server, SUBJECT, fleets=[FLEET], **STU) == []
    assert not list((server.folder / "vms/images").glob("1200/*"))
