"""Machines against an API that answers as a real one did: made, left alone, changed in one field, refused."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import plan_result
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT

from ....doubles.guest_api import GIB, GuestApi, params, plan, run

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBhWcbTHjNVxRkGdJUWdSWtPAk8x7LrWyA3kDPEQOKCL ann@example"
WEB: dict[str, Any] = {
    "vmid": 1201,
    "name": "web1",
    "running": True,
    "cores": 2,
    "memory": 2048,
    "ostype": "l26",
    "scsihw": "virtio-scsi-single",
    "agent": True,
    "boot": ["scsi0"],
    "tags": ["Web", "course"],
    "description": "The shop.",
    "mark": {"owner": "ann"},
    "onboot": True,
    "startup": {"order": 3, "up": 10},
    "disks": [
        {"slot": "scsi0", "storage": "vms", "size": "32G", "import_from": "share:import/debian.qcow2", "discard": True}
    ],
    "nets": [{"slot": "net0", "bridge": "vmbr0", "tag": 20, "firewall": True}],
    "cloud_init": {
        "storage": "vms",
        "user": "admin",
        "password": "secret of ann",
        "ssh_keys": [KEY],
        "addresses": [{"ip": "192.0.2.31/24", "gw": "192.0.2.1"}],
        "nameservers": ["192.0.2.1"],
        "search_domain": "example.org",
        "upgrade": False,
    },
}
TEMPLATE: dict[str, Any] = {
    "vmid": 9001,
    "name": "course-os",
    "template": "3",
    "memory": 1024,
    "disks": [{"slot": "scsi0", "storage": "vms", "import_from": "share:import/debian.qcow2"}],
    "nets": [{"slot": "net0", "bridge": "vmbr0"}],
    "cloud_init": {"storage": "vms", "user": "student"},
}


def test_a_machine_is_made_and_then_left_alone(api: GuestApi) -> None:
    done = run(api, WEB)
    assert [step["id"] for step in done["steps"]] == [
        "vm.create:1201",
        "vm.grow:1201 scsi0",
        "vm.password:1201",
        "vm.start:1201",
    ]
    made = api.config(1201)
    assert made["description"] == "The shop.\n\nbaremetal.virt: vmid=1201 name=web1 owner=ann"
    assert made["tags"] == "course;web"
    assert "size=32G" in made["scsi0"]
    assert not plan(api, WEB).steps
    assert "secret of ann" not in repr(done)


def test_a_password_is_no_part_of_a_creation(api: GuestApi) -> None:
    run(api, WEB)
    created = api.calls[0]
    assert created[:2] == ("POST", "/nodes/pve1/qemu")
    assert "cipassword" not in created[2]


@pytest.mark.parametrize(
    ("change", "written"),
    [
        ({"memory": 4096}, {"memory": "4096"}),
        ({"cores": 4}, {"cores": "4"}),
        ({"agent": False}, {"agent": "0"}),
        ({"onboot": False}, {"onboot": "0"}),
        ({"tags": []}, {"delete": "tags"}),
        ({"startup": {"order": 4}}, {"startup": "4,up=10"}),
        ({"cpu": "host"}, {"cpu": "host"}),
    ],
)
def test_one_field_is_one_field(api: GuestApi, change: dict[str, Any], written: dict[str, str]) -> None:
    run(api, WEB)
    api.calls.clear()
    run(api, {**WEB, **change})
    assert api.calls == [("PUT", "/nodes/pve1/qemu/1201/config", written)]
    assert not plan(api, {**WEB, **change}).steps


@pytest.mark.parametrize(
    "parts", [{"vga": "virtio,memory=32"}, {"machine": "type=q35,viommu=intel"}, {"cpu": "cputype=host,hidden=1"}]
)
def test_a_value_with_parts_is_each_of_them(api: GuestApi, parts: dict[str, Any]) -> None:
    run(api, {**WEB, **parts})
    assert not plan(api, {**WEB, **parts}).steps


def test_a_version_that_was_pinned_is_left_and_the_other_parts_are_compared(api: GuestApi) -> None:
    run(api, {**WEB, "machine": "pc-q35-10.0"})
    assert not plan(api, {**WEB, "machine": "q35"}).steps
    (changed,) = plan(api, {**WEB, "machine": "q35,viommu=intel"}).steps
    assert isinstance(changed.action, Call)
    assert dict(changed.action.parameters) == {"machine": "pc-q35-10.0,viommu=intel"}


def test_an_address_of_a_card_is_kept(api: GuestApi) -> None:
    run(api, WEB)
    before = api.config(1201)["net0"]
    changed = {**WEB, "nets": [{"slot": "net0", "bridge": "vmbr0", "tag": 21}]}
    run(api, changed)
    assert api.config(1201)["net0"] == before.replace("tag=20", "tag=21")


def test_what_a_running_machine_does_not_take_at_once_is_told_until_it_does(api: GuestApi) -> None:
    run(api, WEB)
    wanted = {**WEB, "memory": 4096}
    assert any("until it is stopped and started: memory" in one for one in plan(api, wanted).warnings)
    run(api, wanted)
    again = plan(api, wanted)
    assert not again.steps
    assert any("until it is stopped and started: memory" in one for one in again.warnings)
    run(api, {**wanted, "running": False})
    run(api, wanted)
    assert not [one for one in plan(api, wanted).warnings if "stopped and started" in one]


def test_a_disk_grows_and_never_shrinks(api: GuestApi) -> None:
    run(api, WEB)
    disk = WEB["disks"][0]
    larger = {**WEB, "disks": [{**disk, "size": "40G"}]}
    assert [step.id for step in plan(api, larger).steps] == ["vm.grow:1201 scsi0"]
    smaller = plan(api, {**WEB, "disks": [{**disk, "size": "16G"}]})
    assert "never shrinks to 16G" in str(smaller.refusals[0])
    assert not smaller.steps


def test_a_slot_in_use_is_never_given_a_new_volume(api: GuestApi) -> None:
    run(api, WEB)
    disk = WEB["disks"][0]
    elsewhere = plan(api, {**WEB, "disks": [{**disk, "storage": "fast"}]})
    assert "is not moved to fast" in str(elsewhere.refusals[0])
    api.change(1201, scsi1="vms:8,serial=data1")
    kept = plan(api, WEB)
    assert not kept.steps
    assert any("scsi1 (vms:1201/vm-1201-disk-1.raw, 8G) is not declared; it is kept" in one for one in kept.warnings)
    other = {"slot": "scsi1", "storage": "vms", "size": "50G", "serial": "data2"}
    refused = plan(api, {**WEB, "disks": [disk, other]})
    assert "with the serial data1, not data2" in str(refused.refusals[0])
    same = plan(api, {**WEB, "disks": [disk, {**other, "serial": "data1"}]})
    assert [step.id for step in same.steps] == ["vm.grow:1201 scsi1"]


def test_a_disk_that_is_to_go_is_detached_and_its_data_stay(api: GuestApi) -> None:
    run(api, WEB)
    more = {"slot": "scsi1", "storage": "vms", "size": "8G"}
    run(api, {**WEB, "disks": [*WEB["disks"], more]})
    assert api.config(1201)["scsi1"].endswith("size=8G")
    run(api, {**WEB, "disks": [*WEB["disks"], {"slot": "scsi1", "state": "absent"}]})
    assert api.config(1201)["unused0"] == "vms:1201/vm-1201-disk-1.raw"


def test_cloud_init_is_made_anew_once_and_what_that_means_is_told(api: GuestApi) -> None:
    run(api, WEB)
    changed = {**WEB, "cloud_init": {**WEB["cloud_init"], "user": "root"}}
    planned = plan(api, changed)
    assert [step.id for step in planned.steps] == ["vm.change:1201", "vm.cloudinit:1201"]
    assert any("new SSH host keys" in one for one in planned.warnings)
    run(api, changed)
    assert not plan(api, changed).steps
    api.change(1201, ciuser="eve")
    api.change(1201, ciuser="root")
    assert not plan(api, changed).steps


def test_a_run_that_was_cut_before_the_drive_was_made_makes_it(api: GuestApi) -> None:
    run(api, WEB)
    changed = {**WEB, "cloud_init": {**WEB["cloud_init"], "user": "root"}}
    api.act(plan(api, changed).steps[0])
    assert [step.id for step in plan(api, changed).steps] == ["vm.cloudinit:1201"]


def test_a_strangers_machine_is_refused_and_never_touched(api: GuestApi) -> None:
    api._ask("POST", "/nodes/pve1/qemu", {"vmid": 1201, "name": "mailserver"})
    for wish in (WEB, {"vmid": 1201, "name": "web1", "state": "absent"}, {"vmid": 1201, "name": "mailserver"}):
        refused = plan(api, wish)
        assert "a stranger's: it has no mark of ours" in str(refused.refusals[0])
        assert not refused.steps
        with pytest.raises(Refused):
            plan_result(refused)


def test_a_copy_that_somebody_made_by_hand_is_a_strangers(api: GuestApi) -> None:
    run(api, {**WEB, "running": False})
    api._ask("POST", "/nodes/pve1/qemu/1201/clone", {"newid": 1202, "name": "web2", "full": 1})
    assert "a stranger's" in str(plan(api, {**WEB, "vmid": 1202, "name": "web2"}).refusals[0])


def test_what_is_not_seen_is_not_made_a_second_time(api: GuestApi) -> None:
    run(api, WEB)
    api.away.add(1201)
    away = plan(api, WEB)
    assert not away.steps
    assert not away.refusals
    assert away.tells["not_seen"] == [{"vmid": 1201, "reason": "pve2 is off, or does not tell"}]
    api.away.clear()
    api.taken.add(1201)
    hidden = plan(api, WEB)
    assert not hidden.steps
    assert "its number is taken" in hidden.tells["not_seen"][0]["reason"]


def test_a_template_and_linked_clones_of_it_in_one_run(api: GuestApi) -> None:
    api.file(9001).parent.mkdir(parents=True, exist_ok=True)
    clones = [
        {"vmid": 1211 + one, "name": f"stu0{one}", "clone": {"template": "course-os", "version": "3"}, "running": True}
        for one in range(3)
    ]
    with_form = {**TEMPLATE, "disks": [{**TEMPLATE["disks"][0]}]}
    (api.folder / "etc/pve/storage.cfg").write_text(
        (api.folder / "etc/pve/storage.cfg").read_text().replace("dir: vms\n", "dir: vms\n\tformat qcow2\n")
    )
    done = run(api, with_form, *clones)
    ids = [step["id"] for step in done["steps"]]
    assert ids[:4] == ["vm.create:9001", "vm.template:9001", "vm.clone:1211", "vm.start:1211"]
    assert api.config(1212)["scsi0"].startswith("vms:9001/base-9001-disk-0.qcow2/1212/vm-1212-disk-0.qcow2")
    assert "name=stu01" in api.config(1212)["description"]
    assert not plan(api, with_form, *clones).steps
    template = plan(api, {"vmid": 9001, "name": "course-os", "template": "3", "state": "absent"})
    assert "is not destroyed: vms:9001/base-9001-disk-0.qcow2/1211" in str(template.refusals[0])


def test_a_clone_of_what_is_larger_is_refused_before_it_is_made(api: GuestApi) -> None:
    run(api, TEMPLATE)
    small = {"slot": "scsi0", "storage": "vms", "size": "2G"}
    wish = {"vmid": 1211, "name": "stu01", "clone": {"vmid": 9001}, "disks": [small]}
    assert "never shrinks to 2G" in str(plan(api, wish).refusals[0])


def test_a_machine_goes_only_when_it_is_ours_and_off(api: GuestApi) -> None:
    run(api, WEB)
    gone = {"vmid": 1201, "name": "web1", "state": "absent"}
    assert "while it runs" in str(plan(api, gone).refusals[0])
    run(api, {**WEB, "running": False, "protection": True})
    assert "is protected" in str(plan(api, gone).refusals[0])
    run(api, {**WEB, "running": False, "protection": False})
    planned = plan(api, gone)
    assert planned.destructive == ["vm.destroy:1201"]
    run(api, gone)
    assert not api.file(1201).exists()
    assert not list((api.folder / "vms/images/1201").iterdir())
    assert not plan(api, gone).steps


def test_a_password_that_is_set_in_every_run_makes_a_new_machine_each_time(api: GuestApi) -> None:
    run(api, WEB)
    always = {**WEB, "cloud_init": {**WEB["cloud_init"], "password_update": "always"}}
    planned = plan(api, always)
    assert [step.id for step in planned.steps] == ["vm.password:1201", "vm.cloudinit:1201"]
    assert any("new SSH host keys" in one for one in planned.warnings)
    run(api, always)


def test_snapshots_are_taken_once(api: GuestApi) -> None:
    wish = {**WEB, "running": False, "snapshots": [{"name": "clean", "description": "before the course"}]}
    run(api, wish)
    assert not plan(api, wish).steps
    gone = {**wish, "snapshots": [{"name": "clean", "state": "absent"}]}
    assert plan(api, gone).destructive == ["vm.unsnap:1201 clean"]
    run(api, gone)
    assert not plan(api, gone).steps


def test_a_pool_is_joined_and_never_left_for_another(api: GuestApi) -> None:
    for pool in ("course", "other"):
        api._ask("POST", "/pools", {"poolid": pool})
    run(api, {**WEB, "pool": "course"})
    assert not plan(api, {**WEB, "pool": "course"}).steps
    assert "is in the pool course, not in other" in str(plan(api, {**WEB, "pool": "other"}).refusals[0])


def test_a_lock_is_waited_for(api: GuestApi) -> None:
    run(api, WEB)
    api.file(1201).write_text(api.file(1201).read_text().replace("cores: 2", "cores: 2\nlock: backup"))
    assert not plan(api, WEB).refusals
    assert "is locked (backup)" in str(plan(api, {**WEB, "cores": 3}).refusals[0])


def test_every_cut_is_finished_by_the_next_run(api: GuestApi) -> None:
    api.image("import/debian.qcow2", 1 << 20)
    wish = {**WEB, "disks": [{**WEB["disks"][0], "size": "2M"}]}
    whole = len(plan(api, wish).steps)
    assert whole == 4
    for done in range(whole):
        with api.kept():
            for step in plan(api, wish).steps[:done]:
                api.act(step)
            run(api, wish)
            assert not plan(api, wish).steps
            assert api.config(1201)["cipassword"]


def test_text_of_others_and_what_they_add_to_the_mark_is_kept(api: GuestApi) -> None:
    plain = {name: value for name, value in WEB.items() if name != "description"}
    run(api, plain)
    text = "Mine.\n\nbaremetal.virt: vmid=1201 name=web1 holds=disk owner=ann"
    api.change(1201, description=text)
    assert not plan(api, plain).steps


def test_an_image_of_3_gib_is_grown_to_what_is_declared(api: GuestApi) -> None:
    planned = plan(api, WEB)
    assert planned.steps[1].action.parameters == (("disk", "scsi0"), ("size", "32G"))  # type: ignore[union-attr]
    assert (api.folder / "share/import/debian.qcow2").stat().st_size == 3 * GIB


def test_ha_decides_what_runs_where_it_is_in_charge(api: GuestApi) -> None:
    (api.folder / "etc/pve/ha").mkdir(parents=True)
    wish = {key: value for key, value in WEB.items() if key != "running"}
    managed = {**wish, "ha": {"state": "stopped", "max_restart": 2}}
    done = run(api, managed)
    assert "vm.ha:1201" in [step["id"] for step in done["steps"]]
    assert not plan(api, managed).steps
    changed = plan(api, {**wish, "ha": {"state": "started"}})
    assert [step.why for step in changed.steps] == ["change how HA manages VM 1201 (web1)"]
    assert "HA decides whether VM 1201 (web1) runs" in str(plan(api, WEB).refusals[0])
    assert "HA manages" in str(plan(api, {"vmid": 1201, "name": "web1", "state": "absent"}).refusals[0])
    run(api, {**wish, "ha": {"managed": False}})
    assert not plan(api, WEB).refusals


def test_what_a_clone_has_without_being_declared_is_told(api: GuestApi) -> None:
    run(api, {**TEMPLATE, "protection": True, "tags": ["golden"]})
    planned = plan(api, {"vmid": 1211, "name": "stu01", "clone": {"vmid": 9001, "full": True, "storage": "vms"}})
    assert any("without being declared: protection, tags" in one for one in planned.warnings)
    said = {"protection": False, "tags": []}
    clone = {"vmid": 1211, "name": "stu01", "clone": {"vmid": 9001, "full": True, "storage": "vms"}, **said}
    changed = plan(api, clone).steps[1]
    assert dict(changed.action.parameters) == {"protection": "0", "delete": "tags"}  # type: ignore[union-attr]
    run(api, clone)
    assert not plan(api, clone).steps


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"vmid": 99}, "cannot be the number"),
        ({"name": "web_1"}, "name"),
        ({"disks": [{"slot": "scsi0", "storage": "vms", "size": "32"}]}, "is no size"),
        ({"disks": [{"slot": "scsi99", "storage": "vms", "size": "32G"}]}, "slot"),
        ({"nets": [{"slot": "net0"}, {"slot": "net0"}]}, "listed twice"),
        ({"nets": [{"slot": "net0", "tag": 5000}]}, "between 1 and 4094"),
        ({"nets": [{"slot": "net0", "mac": "01:00:5e:00:00:01"}]}, "mac"),
        ({"cloud_init": {"addresses": [{"ip": "dhcp", "gw": "192.0.2.1"}]}}, "gw needs a fixed address"),
        ({"cloud_init": {"addresses": [{"ip": "192.0.2.31"}]}}, "is no address"),
        ({"cloud_init": {"password": "$y$j9T$abc"}}, "a hash of a kind"),
        ({"cloud_init": {"ssh_keys": ["AAAA"]}}, "is no public key"),
        ({"cloud_init": {"custom": {"users": "local:snippets/x"}}}, "the parts are"),
        ({"clone": {"template": "course-os"}}, "either vmid, or template and version"),
        ({"clone": {"vmid": 9001, "storage": "vms"}}, "linked clone"),
        ({"clone": {"vmid": 9001}}, "a clone gets its disks"),
        ({"template": "3"}, "a template neither runs"),
        ({"ha": {"state": "started"}}, "exclude each other"),
        ({"mark": {"vmid": "1"}}, "the mark cannot say"),
        ({"boot": ["virtio0"]}, "boot names virtio0"),
    ],
)
def test_what_contradicts_itself_is_invalid(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        SUBJECT.desired(params(vms=[{**WEB, **wrong}]))


def test_two_guests_with_one_address_or_one_card_are_invalid() -> None:
    def pair(**more: Any) -> dict[str, Any]:
        return params(vms=[{"vmid": 1201 + number, "name": f"g{number}", **deepcopy(more)} for number in range(2)])

    with pytest.raises(Invalid, match="MAC address"):
        SUBJECT.desired(pair(nets=[{"slot": "net0", "mac": "02:00:00:00:00:11"}]))
    with pytest.raises(Invalid, match=r"address of a VM 192.0.2.31"):
        SUBJECT.desired(pair(cloud_init={"addresses": [{"ip": "192.0.2.31/24"}]}))
