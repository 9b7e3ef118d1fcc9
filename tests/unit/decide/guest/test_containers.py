"""Containers, as far as they are another kind of guest than machines."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Plan
from ansible_collections.baremetal.virt.plugins.modules.guest_container import SUBJECT

from ....doubles.guest_api import GuestApi, params
from ....doubles.guest_api import plan as plan_of
from ....doubles.guest_api import run as run_of

DNS: dict[str, Any] = {
    "vmid": 1401,
    "name": "dns1",
    "running": True,
    "os_template": "share:vztmpl/debian-13_amd64.tar.zst",
    "rootfs": {"storage": "vms", "size": "8G"},
    "mounts": [{"slot": "mp0", "storage": "vms", "size": "4G", "path": "/srv", "backup": True}],
    "memory": 256,
    "swap": 0,
    "cores": 1,
    "features": {"nesting": True},
    "nets": [{"slot": "net0", "bridge": "vmbr0", "ip": "192.0.2.53/24", "gw": "192.0.2.1"}],
    "nameservers": ["192.0.2.1"],
    "password": "secret of root",
    "ssh_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBhWcbTHjNVxRkGdJUWdSWtPAk8x7LrWyA3kDPEQOKCL ann@example"],
    "tags": ["dns"],
}


def plan(api: GuestApi, *guests: dict[str, Any]) -> Plan:
    return plan_of(api, *guests, subject=SUBJECT)


def run(api: GuestApi, *guests: dict[str, Any]) -> dict[str, Any]:
    return run_of(api, *guests, subject=SUBJECT)


def test_a_container_is_made_and_then_left_alone(api: GuestApi) -> None:
    done = run(api, DNS)
    assert [step["id"] for step in done["steps"]] == ["ct.create:1401", "ct.start:1401"]
    made = api.config(1401, "lxc")
    assert made["hostname"] == "dns1"
    assert made["mp0"].startswith("vms:1401/vm-1401-disk-")
    assert made["description"] == "baremetal.virt: vmid=1401 name=dns1\n"
    assert not plan(api, DNS).steps
    assert "secret of root" not in repr(done)
    assert all("password" not in call[2] for call in api.calls)


@pytest.mark.parametrize(
    ("change", "written"),
    [
        ({"memory": 512}, {"memory": "512"}),
        ({"swap": 128}, {"swap": "128"}),
        ({"nameservers": ["192.0.2.2", "192.0.2.3"]}, {"nameserver": "192.0.2.2 192.0.2.3"}),
        ({"features": {"nesting": True, "keyctl": True}}, {"features": "keyctl=1,nesting=1"}),
    ],
)
def test_one_field_is_one_field(api: GuestApi, change: dict[str, Any], written: dict[str, str]) -> None:
    run(api, {**DNS, "running": False})
    api.calls.clear()
    changed = {**DNS, **change, "running": False}
    run(api, changed)
    assert api.calls == [("PUT", "/nodes/pve1/lxc/1401/config", written)]
    assert not plan(api, changed).steps


def test_an_address_changes_and_the_card_stays(api: GuestApi) -> None:
    run(api, DNS)
    before = api.config(1401, "lxc")["net0"]
    changed = {**DNS, "nets": [{"slot": "net0", "bridge": "vmbr0", "ip": "dhcp"}]}
    run(api, changed)
    assert api.config(1401, "lxc")["net0"] == before.replace("ip=192.0.2.53/24", "ip=dhcp").replace("gw=192.0.2.1,", "")
    assert not plan(api, changed).steps


def test_a_volume_of_the_declared_size_is_not_grown(api: GuestApi) -> None:
    """Proxmox VE would call that an error."""
    run(api, DNS)
    larger = {**DNS, "rootfs": {"storage": "vms", "size": "9G"}}
    assert [step.id for step in plan(api, larger).steps] == ["ct.grow:1401 rootfs"]
    run(api, larger)
    assert not plan(api, larger).steps


def test_what_is_decided_once_is_refused(api: GuestApi) -> None:
    run(api, DNS)
    assert "unprivileged cannot be changed" in str(plan(api, {**DNS, "unprivileged": False}).refusals[0])
    other = {"vmid": 1401, "name": "dns1", "state": "absent"}
    assert "1401 is a container" in str(plan_of(api, other).refusals[0])


def test_a_container_goes_only_when_it_is_off(api: GuestApi) -> None:
    run(api, DNS)
    gone = {"vmid": 1401, "name": "dns1", "state": "absent"}
    assert "while it runs" in str(plan(api, gone).refusals[0])
    run(api, {**DNS, "running": False})
    run(api, gone)
    assert not api.file(1401, "lxc").exists()


def test_a_mount_point_is_asked_for_once(api: GuestApi) -> None:
    """Asked for again it would be another volume, and the first one would be unused."""
    run(api, DNS)
    more = {**DNS, "mounts": [*DNS["mounts"], {"slot": "mp1", "storage": "vms", "size": "1G", "path": "/var"}]}
    (made,) = plan(api, more).steps
    assert isinstance(made.action, Call)
    assert (made.action.method, made.action.task, made.action.repeatable) == ("PUT", False, False)
    (changed,) = plan(api, {**DNS, "memory": 512}).steps
    assert isinstance(changed.action, Call)
    assert changed.action.repeatable


def test_what_a_running_container_takes_when_it_is_started_again_is_told(api: GuestApi) -> None:
    run(api, DNS)
    for slot in ({"slot": "mp0", "state": "absent"}, {**DNS["mounts"][0], "backup": False}):
        planned = plan(api, {**DNS, "mounts": [slot]})
        assert any("stopped and started: mp0" in one for one in planned.warnings)
    more = {"slot": "mp1", "storage": "vms", "size": "1G", "path": "/var"}
    assert not [one for one in plan(api, {**DNS, "mounts": [more]}).warnings if "stopped and started" in one]
    gone = {**DNS, "mounts": [{"slot": "mp0", "state": "absent"}]}
    run(api, gone)
    assert not plan(api, gone).steps
    assert any("stopped and started: mp0" in one for one in plan(api, gone).warnings)


def test_a_clone_is_as_privileged_as_its_source(api: GuestApi) -> None:
    run(api, {**DNS, "running": False, "unprivileged": False})
    clone = {"vmid": 1402, "name": "dns2", "clone": {"vmid": 1401, "full": True}}
    assert "unprivileged cannot be changed" in str(plan(api, clone).refusals[0])
    run(api, {**clone, "unprivileged": False})


def test_a_clone_of_what_is_made_in_the_same_run(api: GuestApi) -> None:
    clone = {"vmid": 1402, "name": "dns2", "clone": {"vmid": 1401, "full": True}}
    run(api, {**DNS, "running": False}, clone)
    assert not plan(api, {**DNS, "running": False}, clone).steps


def test_a_clone_gets_what_differs(api: GuestApi) -> None:
    run(api, {**DNS, "running": False})
    clone = {"vmid": 1402, "name": "dns2", "clone": {"vmid": 1401, "full": True}, "memory": 512}
    run(api, clone)
    assert not plan(api, clone).steps
    assert api.config(1402, "lxc")["memory"] == 512
    assert api.config(1402, "lxc")["rootfs"].startswith("vms:1402/")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"os_template": None}, "os_template"),
        ({"password": "abc"}, "shorter than 5"),
        ({"nets": [{"slot": "net0", "ip": "dhcp", "gw": "192.0.2.1"}]}, "gw needs a fixed address"),
        ({"mounts": [{"slot": "mp0", "storage": "vms", "size": "4G"}]}, "needs storage, size and path"),
        ({"rootfs": {"storage": "vms", "size": 8}}, "is no size"),
        ({"clone": {"vmid": 1400, "full": True}, "ssh_keys": None}, "has the password and the keys of"),
        ({"clone": {"vmid": 1400, "full": True}, "password": None}, "has the password and the keys of"),
    ],
)
def test_what_contradicts_itself_is_invalid(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        SUBJECT.desired(params(SUBJECT, containers=[{**DNS, **wrong}]))


def test_two_containers_with_one_address_or_one_card_are_invalid() -> None:
    def pair(**more: Any) -> dict[str, Any]:
        two = [{**DNS, "vmid": 1401 + number, "name": f"dns{number}"} for number in range(2)]
        return params(SUBJECT, containers=[{**one, "nets": [{"slot": "net0", **more}]} for one in two])

    with pytest.raises(Invalid, match="MAC address"):
        SUBJECT.desired(pair(mac="02:00:00:00:00:11"))
    with pytest.raises(Invalid, match=r"address of a container 192.0.2.53"):
        SUBJECT.desired(pair(ip="192.0.2.53/24"))
