"""A guest whose volume another one uses is not destroyed."""

from __future__ import annotations

from typing import Any

from ....doubles.guest_api import GuestApi, plan, run


def test_a_volume_goes_with_the_guest_in_whose_name_it_is(api: GuestApi) -> None:
    data = {"vmid": 1900, "name": "app-data", "disks": [{"slot": "scsi0", "storage": "vms", "size": "5G"}]}
    app: dict[str, Any] = {"vmid": 1105, "name": "app", "disks": [{"slot": "scsi0", "storage": "vms", "size": "1G"}]}
    run(api, data, app)
    api.change(1105, scsi1="vms:1900/vm-1900-disk-0.raw")
    refused = plan(api, {"vmid": 1900, "name": "app-data", "state": "absent"})
    assert "vm-1900-disk-0.raw is scsi1 of VM 1105 (app), stopped" in str(refused.refusals[0])
    assert [one.id for one in plan(api, {"vmid": 1105, "name": "app", "state": "absent"}).steps] == ["vm.destroy:1105"]
    larger = {**app, "disks": [*app["disks"], {"slot": "scsi1", "storage": "vms", "size": "9G"}]}
    assert "a volume of guest 1900" in str(plan(api, larger).refusals[0])


def test_a_volume_in_a_snapshot_is_used_also_where_none_is_the_present_ones_parent(api: GuestApi) -> None:
    """Such as after a return to the first one, which was then deleted."""
    data = {"vmid": 1900, "name": "app-data", "disks": [{"slot": "scsi0", "storage": "vms", "size": "5G"}]}
    run(api, data, {"vmid": 1105, "name": "app"})
    api.change(1105, scsi1="vms:1900/vm-1900-disk-0.raw")
    api.file(1105).write_text(api.file(1105).read_text().replace("scsi1: ", "scsi1: iothread=1,file="))
    gone = {"vmid": 1900, "name": "app-data", "state": "absent"}
    assert "is scsi1 of VM 1105" in str(plan(api, gone).refusals[0])
    api._ask("POST", "/nodes/pve1/qemu/1105/snapshot", {"snapname": "before"})
    api.change(1105, delete="scsi1")
    api.file(1105).write_text(api.file(1105).read_text().replace("parent: before\n", "", 1))
    assert "is scsi1 of the snapshot before of VM 1105" in str(plan(api, gone).refusals[0])
