"""Cases as users have reported them elsewhere: what the cluster showed, what was declared, and what is right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT

from ....doubles.guest_api import params
from ....doubles.support import FakeNode

CASES = Path(__file__).parents[2] / "cases" / "guest"
NODES = ("pve1", "pve2", "pve3")


def case(name: str) -> Any:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def node(
    configs: Mapping[int, Mapping[str, Any]], rows: list[dict[str, Any]], more: Mapping[str, Any] | None = None
) -> FakeNode:
    """Guests with these configurations; every other number is free, and every node has vmbr0 and local-lvm."""
    found = FakeNode()
    online = [row["node"] for row in rows if row["type"] == "node" and row["status"] == "online"]
    storages = [{"type": "storage", "node": one, "storage": "local-lvm", "status": "available"} for one in online]
    found.api = {
        "/version": {"version": "9.2.11"},
        "/cluster/status": [{"type": "cluster", "quorate": 1}],
        "/cluster/resources": [*rows, *storages],
        **{f"/nodes/{one}/network?type=any_bridge": [{"iface": "vmbr0"}] for one in online},
        **(more or {}),
    }
    for row in rows:
        if row["type"] == "qemu" and row["vmid"] in configs:
            path = f"/nodes/{row['node']}/qemu/{row['vmid']}/pending"
            found.api[path] = [{"key": key, "value": value} for key, value in configs[row["vmid"]].items()]
    return found


def plan(there: FakeNode, *vms: dict[str, Any]) -> Plan:
    taken = {row.get("vmid") for row in there.api["/cluster/resources"]}
    for one in vms:
        if one["vmid"] not in taken:
            there.api[f"/cluster/nextid?vmid={one['vmid']}"] = str(one["vmid"])
    return make_plan(SUBJECT, params(vms=list(vms)), there)


def mark(vmid: int, name: str) -> str:
    return f"baremetal.virt: vmid={vmid} name={name}"


def test_a_guest_on_a_node_that_is_away_is_unknown() -> None:
    rows = case("guest-on-a-node-that-is-away/resources.json")
    configs: dict[int, dict[str, Any]] = {
        1204: {"name": "stu04-vm", "memory": "2048", "description": mark(1204, "stu04-vm")},
        1206: {"name": "mailserver"},
    }
    for row in rows:
        row.update({"maxmem": 16 << 30} if row["type"] == "node" else {})
    there = node(configs, rows)
    declared = [
        {"vmid": vmid, "name": f"stu0{vmid - 1200}-vm", "node": on, "memory": 2048}
        for vmid, on in ((1203, "pve2"), (1204, "pve2"), (1205, "pve3"))
    ]
    made = plan(there, *declared)
    assert [step.id for step in made.steps] == ["vm.create:1205"]
    assert not made.refusals
    assert made.tells["not_seen"] == [{"vmid": 1203, "reason": "pve2 is off, or does not tell"}]
    refused = plan(there, *declared, {"vmid": 1206, "name": "stu06-vm", "node": "pve1"})
    (why,) = map(str, refused.refusals)
    assert "1206" in why
    assert "mailserver" in why


def test_without_quorum_nothing_is_known() -> None:
    rows: list[dict[str, Any]] = [{"type": "node", "node": "pve1", "status": "online"}]
    there = node({}, rows)
    there.api["/cluster/status"] = [{"type": "cluster", "quorate": 0}]
    made = plan(there, {"vmid": 1205, "name": "stu05-vm"})
    assert not made.steps
    assert "no quorum" in str(made.refusals[0])


@pytest.fixture
def slots() -> FakeNode:
    config = {**case("disk-left-in-the-slot/qemu-1205.json"), "description": mark(1205, "stu05")}
    rows: list[dict[str, Any]] = [
        {"type": "node", "node": "pve1", "status": "online"},
        {"type": "qemu", "vmid": 1205, "node": "pve1", "name": "stu05", "status": "stopped"},
    ]
    return node({1205: config}, rows)


def stu05(*more: dict[str, Any]) -> dict[str, Any]:
    first = {"slot": "scsi0", "storage": "local-lvm", "size": "32G", "serial": "os"}
    return {"vmid": 1205, "name": "stu05", "disks": [first, *more]}


def test_a_disk_that_is_left_out_is_kept_and_told(slots: FakeNode) -> None:
    made = plan(slots, stu05())
    assert not made.steps
    (told,) = made.warnings
    assert all(word in told for word in ("scsi1", "vm-1205-disk-1", "kept"))


def test_another_disk_is_not_adopted_for_its_slot(slots: FakeNode) -> None:
    made = plan(slots, stu05({"slot": "scsi1", "storage": "local-lvm", "size": "50G", "serial": "data2"}))
    assert not made.steps
    (why,) = map(str, made.refusals)
    assert all(word in why for word in ("scsi1", "vm-1205-disk-1", "data1", "data2"))


def test_the_same_disk_grows(slots: FakeNode) -> None:
    made = plan(slots, stu05({"slot": "scsi1", "storage": "local-lvm", "size": "50G", "serial": "data1"}))
    (step,) = made.steps
    action = step.action
    assert (action.method, action.path) == ("PUT", "/nodes/pve1/qemu/1205/resize")  # type: ignore[union-attr]
    assert dict(action.parameters) == {"disk": "scsi1", "size": "50G"}  # type: ignore[union-attr]


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBhWcbTHjNVxRkGdJUWdSWtPAk8x7LrWyA3kDPEQOKCL ann@example"


@pytest.fixture
def template() -> FakeNode:
    rows = [
        {"type": "node", "node": "pve1", "status": "online", "maxmem": 16 << 30},
        {"type": "qemu", "vmid": 9001, "node": "pve1", "name": "tpl", "status": "stopped", "template": 1},
    ]
    return node({9001: case("cicustom-hides-the-declared/qemu-9001.json")}, rows)


def clone(vmid: int, name: str, **init: Any) -> dict[str, Any]:
    addresses = [{"ip": f"10.0.0.{vmid - 1270}/24", "gw": "10.0.0.1"}]
    init = {"addresses": addresses, **init}
    return {"vmid": vmid, "name": name, "clone": {"vmid": 9001}, "running": True, "cloud_init": init}


def test_what_a_custom_part_hides_is_refused(template: FakeNode) -> None:
    made = plan(template, clone(1301, "web1", user="admin", ssh_keys=[KEY]))
    (why,) = map(str, made.refusals)
    assert all(word in why for word in ("cicustom", "local:snippets/base.yaml", "user", "ssh_keys", "name"))


def test_a_custom_part_that_is_not_to_be_goes_with_the_first_write(template: FakeNode) -> None:
    made = plan(template, clone(1302, "web2", user="admin", custom={}))
    assert not made.refusals
    assert [step.id for step in made.steps] == ["vm.clone:1302", "vm.change:1302", "vm.start:1302"]
    assert dict(made.steps[1].action.parameters)["delete"] == "cicustom"  # type: ignore[union-attr]


def test_what_a_custom_part_does_not_hide_is_only_warned_of(template: FakeNode) -> None:
    made = plan(template, clone(1303, "web3"))
    assert not made.refusals
    assert any("name" in one and "cicustom" in one for one in made.warnings)


def test_what_cloud_init_gets_is_what_counts(template: FakeNode) -> None:
    dump = (CASES / "cicustom-hides-the-declared/dump-user-1301.yaml").read_text(encoding="utf-8")
    rows = [*template.api["/cluster/resources"], {"type": "qemu", "vmid": 1301, "node": "pve1", "status": "stopped"}]
    config = {
        "name": "web1",
        "ide2": "local-lvm:vm-1301-cloudinit,media=cdrom",
        "description": mark(1301, "web1"),
        "sshkeys": KEY.replace(" ", "%20").replace("@", "%40"),
        "ciuser": "admin",
        "ipconfig0": "ip=10.0.0.31/24,gw=10.0.0.1",
    }
    there = node({1301: config}, rows, {"/nodes/pve1/qemu/1301/cloudinit/dump?type=user": dump})
    wish = {**clone(1301, "web1", user="admin", ssh_keys=[KEY]), "running": False}
    (why,) = map(str, plan(there, wish).refusals)
    assert "does not get the name web1 and an ssh key" in why


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", False),
        ("name", 3667),
        ("tags", [True]),
        ("tags", [12.1]),
        ("nets", [{"slot": "net0", "bridge": "vmbr0", "mac": 41135085296}]),
        ("mark", {"owner": False}),
        ("pool", 12),
    ],
)
def test_what_yaml_has_changed_is_refused(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        SUBJECT.desired(params(vms=[{"vmid": 1201, "name": "web1", field: value}]))
    assert "in quotes" in refused.value.hint


def test_what_yaml_has_left_as_it_was_is_taken() -> None:
    nets = [{"slot": "net0", "bridge": "vmbr0", "mac": "bc:24:11:00:00:01"}]
    desired = SUBJECT.desired(params(vms=[{"vmid": 1204, "name": "web1", "tags": ["1e3"], "nets": nets}]))
    assert desired.guests[0].overlays["net0"]["macaddr"] == "BC:24:11:00:00:01"
