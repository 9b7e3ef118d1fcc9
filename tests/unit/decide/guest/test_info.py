"""What the reader tells is what the modules take: declared as it is told, there is nothing to do."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.info import describe
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.machines import observe_all
from ansible_collections.baremetal.virt.plugins.modules.guest_container import SUBJECT as CONTAINER
from ansible_collections.baremetal.virt.plugins.modules.guest_info import INQUIRY

from ....doubles.guest_api import GuestApi, plan, run
from .test_containers import DNS
from .test_machines import TEMPLATE, WEB

WINDOWS: dict[str, Any] = {
    "vmid": 1301,
    "name": "win1",
    "ostype": "win11",
    "machine": "q35,viommu=intel",
    "bios": "ovmf",
    "efidisk": {"storage": "vms", "pre_enrolled_keys": True},
    "tpm": {"storage": "vms"},
    "cpu": "host,flags=+aes",
    "vga": "std,memory=32",
    "disks": [{"slot": "sata0", "storage": "vms", "size": "4G", "ssd": True, "backup": False, "cache": "writeback"}],
    "cdroms": [{"slot": "ide3", "iso": "share:iso/virtio.iso"}],
    "nets": [{"slot": "net0", "bridge": "vmbr0", "model": "e1000", "rate": 1.5, "link_down": True}],
}


def test_declared_as_it_is_told_there_is_nothing_to_do(api: GuestApi) -> None:
    run(api, WEB, TEMPLATE, WINDOWS)
    run(api, DNS, subject=CONTAINER)
    told = describe(observe_all(api))
    assert [one["name"] for one in told["vms"]] == ["web1", "win1", "course-os"]
    assert not plan(api, *told["vms"]).steps
    containers = [{**one, "os_template": "share:vztmpl/debian-13_amd64.tar.zst"} for one in told["containers"]]
    assert not plan(api, *containers, subject=CONTAINER).steps
    (web, windows, template) = told["vms"]
    told_of_web = {key: value for key, value in WEB.items() if key not in ("disks", "nets", "cloud_init", "tags")}
    assert told_of_web.items() <= web.items()
    assert web["tags"] == ["course", "web"]
    assert WINDOWS["cdroms"] == windows["cdroms"]
    same = ("efidisk", "machine", "cpu", "vga")
    assert [windows[key] for key in same] == [WINDOWS[key] for key in same]
    assert template["template"] == "3"
    assert "secret" not in repr(told)


def test_devices_of_mappings_are_told_and_addresses_cannot_be_declared(api: GuestApi) -> None:
    run(api, TEMPLATE)
    api.change(9001, hostpci0="mapping=t4,pcie=1,x-vga=0", hostpci1="0000:02:00.0", machine="q35")
    (told,) = describe(observe_all(api))["vms"]
    assert told["hostpci"] == [{"slot": "hostpci0", "mapping": "t4", "pcie": True}]
    assert not plan(api, told).steps


def test_whose_a_guest_is(api: GuestApi) -> None:
    run(api, WEB)
    api._ask("POST", "/nodes/pve1/qemu", {"vmid": 900, "name": "mailserver"})
    told = INQUIRY.answer(api, {"inside": False})
    assert [(one["vmid"], one["ours"]) for one in told["guests"]] == [(900, False), (1201, True)]
    assert [one["vmid"] for one in told["vms"]] == [1201]
    api.away.add(1201)
    unseen = INQUIRY.answer(api, {"inside": False})["not_seen"]
    assert unseen == [{"vmid": 1201, "reason": "pve2 is off, or does not tell"}]


def test_what_waits_for_a_start_is_told(api: GuestApi) -> None:
    run(api, WEB)
    run(api, {**WEB, "memory": 4096})
    (web,) = INQUIRY.answer(api, {"inside": False})["guests"]
    assert web["pending"] == ["memory"]
