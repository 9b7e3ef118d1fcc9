"""node_membership: everything that stops the removal of a node, each with its sentence."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.membership import TASKS

from ....doubles import cluster_nodes as lab
from ....doubles.leaving_node import Leaving, plan, targets
from ....doubles.support import printed

HA = "/etc/pve/ha/resources.cfg"
LOCAL = "name: db\nscsi0: local-lvm:vm-100-disk-0,size=8G\n"
LAST_RULE = "node-affinity: near\n\tnodes pve3\n\tresources vm:100\n\tstrict 1\n"


def with_file(path: str, text: str) -> Callable[[], Leaving]:
    return lambda: Leaving().write(path, text)


def three_without_pve2() -> Leaving:
    return Leaving().off("pve2")


def no_corosync() -> Leaving:
    node = Leaving()
    node.commands[lab.UNITS] = printed("active\ninactive\n")
    return node


def with_task() -> Leaving:
    node = Leaving()
    tasks = [{"node": "pve3", "type": "vzdump", "id": "100"}, {"node": "pve3", "type": "qmstart", "endtime": 1}]
    node.commands[TASKS] = printed(json.dumps([*tasks, {"node": "pve1", "type": "vzdump", "id": "1"}]))
    return node


def awake_but_cut_off() -> Leaving:
    """Out of the cluster's sight, and still there."""
    node = Leaving()
    listed = json.loads(node.files[lab.MEMBERS])
    listed["nodelist"]["pve3"]["online"] = 0
    node.files[lab.MEMBERS] = json.dumps(listed)
    return node


def big_guest() -> Leaving:
    node = Leaving()
    for vmid in range(100, 125):
        node.guest(vmid, running=True)
    return node


def four_with_two_off() -> Leaving:
    node = Leaving(("pve1", "pve2", "pve3", "pve4"))
    node.commands[("ssh-keyscan", "-T", "2", "10.10.1.14", "10.10.2.14")] = printed("")
    return node.off("pve3", "pve4")


def forgotten_with_guest() -> Leaving:
    node = Leaving().guest(100)
    node.nodes.remove("pve3")
    node.awake.discard("pve3")
    return node.tell()


def on_itself() -> Leaving:
    node = Leaving()
    node.files["/proc/sys/kernel/hostname"] = "pve3\n"
    node.commands[("getent", "ahosts", "pve3")] = printed("10.10.1.13 STREAM pve3\n")
    return node


def mapped(entries: str, running: bool = False) -> Leaving:
    node = Leaving().write("/etc/pve/mapping/pci.cfg", f"gpu\n{entries}")
    return node.guest(100, "hostpci0: mapping=gpu,pcie=1\nscsi0: share:100/disk.raw\n", running=running)


def standalone() -> Leaving:
    node = Leaving()
    for path in (lab.CONFIG, lab.LOCAL_CONFIG):
        del node.files[path]
    node.files[lab.MEMBERS] = lab.STANDALONE_MEMBERS
    return node


CASES: list[tuple[Callable[[], Leaving], str, dict[str, Any], str]] = [
    (on_itself, "retire", {}, "pve3 cannot remove itself"),
    (standalone, "retire", {}, "pve1 is not a member of a cluster"),
    (no_corosync, "retire", {}, "corosync does not run on pve1"),
    (
        three_without_pve2,
        "retire",
        {},
        "Without pve3 the cluster needs 2 of 2 votes, and 1 would be there: pve2 is off",
    ),
    (lambda: Leaving().off("pve2", "pve3"), "drain", {}, "has no quorum"),
    (lambda: Leaving(("pve1", "pve3")).tell(), "retire", {}, "Set expected_votes: 1"),
    (
        lambda: Leaving(("pve1", "pve3")).tell(),
        "retire",
        {"expected_votes": 2},
        "1 of 2 votes are there. That is no quorum",
    ),
    (four_with_two_off, "dead", {"expected_votes": 2}, "pve4 is offline too"),
    (four_with_two_off, "dead", {"confirmed_powered_off": ["pve3", "pve4"]}, "Set expected_votes: 2"),
    (
        lambda: Leaving().with_device(),
        "retire",
        {"qdevice": None},
        r"has a quorum device \(10.10.1.9\), and as long as it",
    ),
    (
        lambda: Leaving().with_device("10.10.1.8"),
        "separate",
        {},
        r"has a quorum device \(10.10.1.8\), and as long as it",
    ),
    (with_task, "retire", {}, r"Tasks are running on pve3: vzdump 100\."),
    (
        Leaving,
        "retire",
        {"addresses": ["10.10.1.19/24"]},
        "The machine that the inventory names has the addresses 10.10.1.19",
    ),
    (lambda: Leaving().guest(100).off("pve3"), "retire", {}, "pve3 is not online, so what is on it cannot be moved"),
    (lambda: Leaving().off("pve3"), "drain", {}, "pve3 is not online"),
    (lambda: Leaving().guest(100).off("pve3"), "separate", {}, "pve3 is not online"),
    (Leaving, "separate", {"standalone": True}, "seen outside of any cluster, but the cluster says that it is online"),
    (Leaving, "dead", {}, "pve3 is online in the cluster, so it is not dead"),
    (
        lambda: Leaving().off("pve3"),
        "dead",
        {"confirmed_powered_off": []},
        "Nobody has confirmed that pve3 is powered off",
    ),
    (awake_but_cut_off, "dead", {}, r"pve3 still answers: 10.10.1.13 \(ssh\), 10.10.2.13 \(ssh\)"),
    (
        lambda: Leaving().guest(100, LOCAL),
        "retire",
        {},
        "has volumes that only pve3 can see: scsi0 local-lvm:vm-100-disk-0",
    ),
    (lambda: Leaving().guest(100, LOCAL).off("pve3"), "dead", {}, "has volumes that only pve3 had"),
    (lambda: Leaving().guest(100, "lock: backup\n"), "retire", {}, r"VM 100 is locked \(backup\)"),
    (lambda: Leaving().guest(100, "hostpci0: 0000:01:00\n"), "retire", {}, "VM 100 uses devices of pve3: hostpci0"),
    (
        lambda: mapped("\tmap node=pve3,path=b\n"),
        "drain",
        {},
        r"No other node can take VM 100: pve1 does not have pci/gpu; pve2 does not have pci/gpu",
    ),
    (
        lambda: mapped("\tmap node=pve1,path=a\n\tmap node=pve3,path=b\n", running=True),
        "drain",
        {},
        "VM 100 runs and uses pci/gpu; such a device does not move with a VM that runs",
    ),
    (
        lambda: Leaving().guest(100).write(HA, "vm: 100\n").off("pve3"),
        "dead",
        {},
        "belongs to the HA manager, which takes",
    ),
    (
        lambda: (
            Leaving()
            .guest(100)
            .write("/etc/pve/ha/manager_status", '{"service_status": {"vm:100": {"state": "error"}}}')
        ),
        "retire",
        {},
        r"The HA manager has VM 100 \(vm100\) in the state error",
    ),
    (
        lambda: Leaving().guest(100).write("/etc/pve/ha/rules.cfg", LAST_RULE),
        "retire",
        {},
        r"The HA rule near allows VM 100 \(vm100\) no other node than pve3",
    ),
    (with_file("/etc/pve/ha/rules.cfg", LAST_RULE), "retire", {}, "The HA rule near binds its guests strictly to pve3"),
    (big_guest, "drain", {}, r"No node has the 4096 MiB of memory that VM 124 \(vm124\) needs"),
    (
        lambda: (
            Leaving()
            .guest(100)
            .write("/etc/pve/ha/manager_status", '{"node_status": {"pve1": "maintenance", "pve2": "maintenance"}}')
        ),
        "drain",
        {},
        "No other node is online to take the guests of pve3",
    ),
    (
        with_file("/etc/pve/replication.cfg", "local: 100-0\n\ttarget pve3\n"),
        "retire",
        {},
        "The replication job 100-0 copies guest 100 to pve3",
    ),
    (
        with_file("/etc/pve/storage.cfg", "dir: scratch\n\tpath /s\n\tnodes pve3\n"),
        "retire",
        {},
        "The storage scratch is on pve3 only",
    ),
    (
        with_file("/etc/pve/storage.cfg", "nfs: share\n\tserver 10.10.2.13\n\texport /srv\n"),
        "retire",
        {},
        r"pve3 serves the storage share \(nfs, 10.10.2.13\)",
    ),
    (
        with_file("/etc/pve/storage.cfg", "nfs: share\n\tserver pve3\n\texport /srv\n"),
        "dead",
        {},
        "pve3 serves the storage share",
    ),
    (
        with_file("/etc/pve/storage.cfg", "cephfs: far\n\tmonhost 10.10.9.1 10.10.1.13\n"),
        "retire",
        {},
        "pve3 serves the storage far",
    ),
    (
        with_file("/etc/pve/jobs.cfg", "vzdump: nightly\n\tschedule 3:00\n\tnode pve3\n"),
        "retire",
        {},
        "The backup job nightly runs on pve3 only",
    ),
    (
        with_file("/etc/pve/sdn/zones.cfg", "evpn: z\n\texitnodes pve1,pve3\n"),
        "retire",
        {},
        "/etc/pve/sdn/zones.cfg names pve3",
    ),
    (forgotten_with_guest, "retire", {}, r"pve3 is deleted, but /etc/pve/nodes/pve3 still holds VM 100 \(vm100\)"),
]


@pytest.mark.parametrize(("start", "mode", "changes", "sentence"), CASES, ids=[case[3][:50] for case in CASES])
def test_refused(start: Callable[[], Leaving], mode: str, changes: dict[str, Any], sentence: str) -> None:
    refusals = [str(refusal) for refusal in plan(start(), mode, **changes).refusals]
    assert any(re.search(sentence, refusal) for refusal in refusals), refusals
    assert all(refusal.count(".") > 1 for refusal in refusals), "each says what to do"


def test_all_refusals_come_at_once() -> None:
    node = with_task().guest(100, LOCAL).write("/etc/pve/jobs.cfg", "vzdump: nightly\n\tschedule 3:00\n\tnode pve3\n")
    assert len(plan(node.off("pve2")).refusals) == 4


#: Addresses of the leaving node besides those of its links, as the inventory knows them.
KNOWN = ["10.10.1.13", "10.10.2.13", "10.10.7.13", "fd00:7::13"]
#: What the member that is asked finds in DNS and /etc/hosts.
FOUND = {
    "pve3": "10.10.1.13",
    "nas": "10.10.2.13",
    "nas.lab.test": "FD00:7::13",
    "san": "10.10.8.8",
    "localhost": "127.0.0.1",
}


def storage_at(server: str, kind: str = "nfs", more: str = "") -> Leaving:
    lines = {"nfs": "server {}\n\texport /srv", "iscsi": "portal {}\n\ttarget iqn.x", "rbd": "monhost {}"}[kind]
    node = Leaving().write("/etc/pve/storage.cfg", f"{kind}: far\n\t{lines.format(server)}\n{more}")
    for name, address in FOUND.items():
        node.commands["getent", "ahosts", "--", name] = printed(f"{address} STREAM {name}\n{address} DGRAM\n")
    return node


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        ("10.10.7.13", "nfs"),
        ("FD00:7:0::0013", "nfs"),
        ("::ffff:10.10.2.13", "nfs"),
        ("PVE3", "nfs"),
        ("nas", "nfs"),
        ("nas.lab.test", "nfs"),
        ("nas:3260", "iscsi"),
        ("[fd00:7::13]:3260", "iscsi"),
        ("10.10.8.1 nas:6789", "rbd"),
    ],
)
def test_a_node_serves_a_storage_however_that_names_it(server: str, kind: str) -> None:
    (refusal,) = plan(storage_at(server, kind), addresses=KNOWN).refusals
    assert refusal.reason.startswith(f"pve3 serves the storage far ({kind}, ")


@pytest.mark.parametrize("server", ["10.10.8.8", "san", "10.10.1.130", "fd00:7::1", "localhost"])
def test_a_storage_of_another_server_is_in_nobodys_way(server: str) -> None:
    assert not plan(storage_at(server), addresses=KNOWN).refusals


def test_a_server_that_nobody_finds_is_named_and_not_taken_for_another() -> None:
    (refusal,) = plan(storage_at("lost.lab.test"), addresses=KNOWN).refusals
    assert "pve1 does not find out who lost.lab.test is" in refusal.reason and "it may be pve3" in refusal.reason
    assert "getent ahosts lost.lab.test" in refusal.hint
    assert not plan(storage_at("lost.lab.test", more="\tdisable\n"), addresses=KNOWN).refusals, "nobody uses it"


def test_a_section_that_is_no_storage_is_in_the_way_of_shortening_another() -> None:
    broken = "\ndir: odd\n\tcontent iso\n"
    assert not plan(Leaving().write("/etc/pve/storage.cfg", broken)).refusals
    shared = f"zfspool: tank\n\tpool tank\n\tnodes pve1,pve3\n{broken}"
    (refusal,) = plan(Leaving().write("/etc/pve/storage.cfg", shared)).refusals
    assert "the section odd " in refusal.reason


@pytest.mark.parametrize(
    ("start", "mode", "changes"),
    [
        (lambda: Leaving().guest(100, LOCAL), "retire", {"local_disks": True}),
        (lambda: Leaving().guest(100, LOCAL).off("pve3"), "dead", {"discard": ["guest/100"]}),
        (lambda: Leaving(("pve1", "pve3")).tell(), "retire", {"expected_votes": 1}),
        (four_with_two_off, "dead", {"confirmed_powered_off": ["pve3", "pve4"], "expected_votes": 2}),
        (
            with_file("/etc/pve/replication.cfg", "local: 1-0\n\ttarget pve3\n"),
            "retire",
            {"discard": ["replication/1-0"]},
        ),
        (with_file("/etc/pve/sdn/zones.cfg", "evpn: z\n\texitnodes pve1,pve33\n"), "retire", {}),
        (lambda: mapped("\tmap node=pve2,path=a\n\tlive-migration-capable 1\n", running=True), "retire", {}),
        (lambda: mapped("\tmap node=pve3,path=b\n").off("pve3"), "dead", {}),
        (forgotten_with_guest, "retire", {"discard": ["guest/100"]}),
    ],
)
def test_what_is_allowed_by_name_is_not_refused(
    start: Callable[[], Leaving], mode: str, changes: dict[str, Any]
) -> None:
    assert plan(start(), mode, **changes).refusals == ()


def test_what_the_ha_manager_moves_away_just_now_is_not_in_the_way() -> None:
    node = Leaving().guest(100, "name: web\nlock: migrate\nscsi0: share:100/d.raw\n", running=True)
    node.write("/etc/pve/ha/resources.cfg", "vm: 100\n")
    node.commands[TASKS] = printed(json.dumps([{"node": "pve3", "type": "qmigrate", "id": "100"}]))
    assert len(plan(node).refusals) == 2
    node.write("/etc/pve/ha/manager_status", json.dumps({"node_status": {"pve3": "maintenance"}}))
    assert plan(node).refusals == ()


@pytest.mark.parametrize(("status", "refused"), [("stopped", 0), ("running", 1)])
def test_a_task_that_only_the_list_calls_running_is_not_in_the_way(status: str, refused: int) -> None:
    """The list reaches the other nodes seconds after a task has ended."""
    node, upid = Leaving(), "UPID:pve3:00002040:008F96D9:6B02BDD2:qmigrate:100:root@pam:"
    node.commands[TASKS] = printed(json.dumps([{"node": "pve3", "type": "qmigrate", "id": "100", "upid": upid}]))
    ask = ("pvesh", "get", f"/nodes/pve3/tasks/{upid}/status", "--output-format", "json")
    node.commands[ask] = printed(json.dumps({"upid": upid, "status": status}))
    assert len(plan(node).refusals) == refused


def test_a_guest_goes_where_its_mapped_devices_are() -> None:
    """pve2 has more free memory, but not the device."""
    for name in ("pve1", "pve2"):
        assert targets(plan(mapped(f"\tmap node={name},path=a\n"), "drain")) == [name]


@pytest.mark.parametrize(
    ("job", "running", "target"),
    [
        ("local: 100-0\n\ttarget pve1\n", True, "pve1"),
        ("local: 100-0\n\ttarget pve1\n", False, "pve2"),
        ("local: 101-0\n\ttarget pve1\n", True, "pve2"),
        ("local: 100-0\n\ttarget pve1\n\tremove_job full\n", True, None),
    ],
)
def test_a_guest_that_runs_goes_where_its_replica_is(job: str, running: bool, target: Optional[str]) -> None:
    """pve2 has more free memory."""
    node = Leaving().guest(100, "scsi0: share:d\n", running=running).write("/etc/pve/replication.cfg", job)
    found = plan(node, "drain")
    if target is None:
        assert "pve2 does not have a replica" in found.refusals[0].reason
    else:
        assert (found.refusals, targets(found)) == ((), [target])


def test_a_guest_goes_where_its_storages_are() -> None:
    """pve2 has more free memory, but not the storage."""
    node = Leaving().write("/etc/pve/storage.cfg", "rbd: vms\n\tpool vms\n\tnodes pve1,pve3\n")
    assert targets(plan(node.guest(100, "scsi0: vms:d\n", running=True), "drain")) == ["pve1"]
