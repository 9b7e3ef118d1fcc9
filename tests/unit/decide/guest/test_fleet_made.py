"""A class is made and given back with the subjects that do it, on the stand-in: what one tells the others take."""

from __future__ import annotations

import io
import json
import time
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotProved, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.guest_fleet_info import INQUIRY
from ansible_collections.baremetal.virt.plugins.modules.guest_release import SUBJECT as RELEASE
from ansible_collections.baremetal.virt.plugins.modules.guest_reset import SUBJECT as RESET
from pve_standin.api import registry
from pve_standin.core import paths, tasklog, tasks
from pve_standin.core.errors import ApiError
from pve_standin.core.upid import Upid
from pve_standin.pmxcfs import control
from pve_standin.storage import status

from ....doubles import access_api, guest_api
from ....doubles.fleet_cluster import DAY, FLEET
from ....doubles.fleet_cluster import params as checked
from ....doubles.guest_api import GuestApi

TEMPLATE: dict[str, Any] = {
    "vmid": 900,
    "name": "course-os",
    "template": "3",
    "memory": 2048,
    "disks": [{"slot": "scsi0", "storage": "vms", "import_from": "share:import/debian.qcow2"}],
    "nets": [{"slot": "net0", "bridge": "vmbr0"}],
    "cloud_init": {"storage": "vms", "user": "student"},
}
CLASS: dict[str, Any] = {
    **FLEET,
    "template": {"template": "course-os", "version": "3"},
    "per_owner": [{"name": "vm", "cores": 2, "memory": 2048, "running": True}],
    "quota": {"cores": 2, "memory": 2048, "disk": "1M"},
}


class Clock:
    """So many seconds ahead of the real one: that of the node and that of the controller."""

    ahead = 0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    asked = GuestApi.look

    def look(self: GuestApi, question: Question) -> Any:
        now = int(time.time()) + found.ahead
        if question.argument[0].endswith("/time"):
            return {"time": now}
        if question.argument == ("date", "+%s"):
            return [0, str(now), ""]
        return asked(self, question)

    monkeypatch.setattr(GuestApi, "look", look)
    return found


@pytest.fixture(autouse=True)
def furnished(api: GuestApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template whose disks can be cloned as links, a storage for backups, and tasks that are remembered."""
    storages = paths.PVE / "storage.cfg"
    text = storages.read_text().replace("dir: vms\n", "dir: vms\n\tformat qcow2\n")
    storages.write_text(f"{text}dir: backups\n\tpath {api.folder / 'backups'}\n\tcontent backup\n\n")
    (api.folder / "backups").mkdir()
    view = {"used": 0, "total": guest_api.GIB, "type": "dir", "shared": 0, "active": 1}
    kinds = {"vms": "images,rootdir", "share": "import", "backups": "backup"}
    told = {"pve1": {name: {**view, "content": kind} for name, kind in kinds.items()}}
    monkeypatch.setattr(control, "published", lambda key: told if key == status.PUBLISHED_KEY else {})
    monkeypatch.setattr(tasks, "fork_worker", remembered)
    api.image("import/debian.qcow2", 1 << 20)
    guest_api.run(api, TEMPLATE)


_pids = iter(range(1, 100000))


def remembered(kind: str, identity: str, user: str, work: Any) -> Optional[str]:
    """A task that has ended when its number is told, with its log. Machines have been running for a while."""
    began = int(time.time()) - (10 if kind == "qmstart" else 0)
    upid = Upid("pve1", next(_pids), 1, began, kind, identity, user)
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            work()
    except ApiError as error:
        end(upid, said.getvalue() + f"TASK ERROR: {error.text()}\n", error.text())
        raise
    end(upid, said.getvalue() + "TASK OK\n", "OK")
    return str(upid)


def end(upid: Upid, log: str, verdict: str) -> None:
    path = tasklog.log_path(upid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(log, encoding="utf-8")
    tasklog.finished(upid, verdict)


def speaking(api: GuestApi) -> dict[str, Any]:
    """As whom, as modules are told it."""
    return {} if api.caller == "root@pam" else {"api": {"token_id": api.caller, "token_secret": "x"}}


def made(api: GuestApi, **change: Any) -> int:
    """How many changes it took."""
    before = len(api.calls)
    told = INQUIRY.answer(api, checked(INQUIRY.argument_spec, fleets=[{**CLASS, **change}], **speaking(api)))
    plan = access_api.plan(api, **told["access"], **speaking(api))
    assert not plan.refusals, plan.refusals
    api.perform(plan)
    guest_api.run(api, *told["vms"])
    return len(api.calls) - before


def released(api: GuestApi, **said: Any) -> list[str]:
    given = checked(RELEASE.argument_spec, fleets=[CLASS], **speaking(api), **said)
    done = converge(replace(RELEASE, settle=0), given, api, False, lambda step, reader: api.act(step))
    return [step["id"] for step in done["steps"]]


def test_a_class_is_made_once_and_then_left_alone(api: GuestApi) -> None:
    assert made(api) > 10
    assert made(api) == 0
    assert api.config(1201)["name"] == "stu02-vm"
    assert api.config(1201)["ipconfig0"] == "gw=10.20.0.1,ip=10.20.0.11/24"
    assert made(api, owners=["stu03", "stu02", "stu01"]) == 0


def test_each_machine_has_its_own_address_and_no_other(api: GuestApi) -> None:
    """Asked for later, too; a machine may say otherwise."""
    made(api)
    assert made(api, isolation={}) > 0
    assert made(api, isolation={}) == 0
    for vmid, address in ((1200, "10.20.0.10"), (1201, "10.20.0.11")):
        path = f"/nodes/pve1/qemu/{vmid}/firewall"
        assert [row["cidr"] for row in api.get_real(f"{path}/ipset/ipfilter-net0")] == [address]
        options = api.get_real(f"{path}/options")
        assert (options["enable"], options["ipfilter"], options["policy_in"]) == (1, 1, "ACCEPT")
    other = [{**CLASS["per_owner"][0], "firewall": {"policy_in": "DROP"}}]
    assert made(api, isolation={}, per_owner=other) == len(CLASS["owners"])
    assert api.get_real("/nodes/pve1/qemu/1200/firewall/options")["policy_in"] == "DROP"


def test_one_is_given_back_and_the_others_do_not_notice(api: GuestApi, clock: Clock) -> None:
    made(api)
    assert released(api, owners=["stu02@pve"]) == [
        "pool.mark:os/stu02",
        "user.disable:stu02@pve",
        "guest.release:1201",
        "guest.stop:1201",
        "backup.make:1201",
        "backup.note:1201",
    ]
    assert made(api) == 0, "whoever gives back is left alone"
    (archive,) = (api.folder / "backups/dump").glob("*.zst")
    assert json.loads(archive.read_text())["volumes"] == [api.config(1201)["scsi0"].partition(",")[0]]
    clock.ahead = 15 * DAY
    assert released(api, owners=["stu02@pve"]) == [
        "pool.mark:os",
        "guest.destroy:1201",
        "acl.remove:/pool/os/stu02 user stu02@pve FleetOwner",
        "user.remove:stu02@pve",
        "pool.remove:os/stu02",
    ]
    assert released(api, owners=["stu02@pve"]) == []
    assert made(api, owners=["stu01", "stu03"]) == 0
    assert "stu02" not in api.user_cfg and archive.exists()
    made(api, owners=["stu01", "stu03", "stu04"])
    assert api.config(1203)["name"] == "stu04-vm"


AUTOMATION: dict[str, Any] = {
    "id": "guests",
    "pools": ["os"],
    "template_pools": ["templates"],
    "storages": ["vms"],
    "backup_storages": ["backups"],
    "networks": ["vmbr0"],
    "groups": ["os"],
    "accounts": True,
}
TOKEN = "guests@pve!automation"


def prepared(api: GuestApi, tmp_path: Path) -> None:
    """What an administrator makes once."""
    roles = [{"id": "FleetOwner", "preset": "student"}]
    pools = [{"id": "templates", "vms": [900]}]
    api.guests = {900: ""}
    said = {"automation": AUTOMATION, "groups": [{"id": "os"}], "roles": roles, "pools": pools}
    api.perform(access_api.plan(api, **said, token_folder=str(tmp_path / "tokens")))
    api.caller = TOKEN


def test_a_class_lives_and_ends_by_a_token_that_is_no_administrator(
    api: GuestApi, clock: Clock, tmp_path: Path
) -> None:
    prepared(api, tmp_path)
    assert made(api) > 10 and made(api) == 0
    assert released(api, owners=["stu02@pve"])[-1] == "backup.note:1201"
    clock.ahead = 15 * DAY
    assert released(api, owners=["stu02@pve"])[1:] == [
        "guest.destroy:1201",
        "acl.remove:/pool/os/stu02 user stu02@pve FleetOwner",
        "user.remove:stu02@pve",
        "pool.remove:os/stu02",
    ]
    told = INQUIRY.answer(api, checked(INQUIRY.argument_spec, fleets=[CLASS], **speaking(api)))
    assert told["warnings"] == [
        f"{TOKEN} is not shown backups of guests that are gone, on backups, which takes Datastore.Allocate: whether a "
        "number was somebody else's before is not known."
    ]


@pytest.mark.parametrize(
    ("path", "role", "lacks"),
    [
        ("/pool/os", "pools", "Pool.Allocate on /pool/os/stu02"),
        ("/pool/os", "pools", "VM.Backup on /vms/1201"),
        ("/storage/backups", "storages", "Datastore.AllocateSpace on /storage/backups"),
        ("/access/groups/os", "groups", "User.Modify on /access/groups or User.Modify on /access/groups/os"),
        ("/access/realm/pve", "realm", "Realm.AllocateUser on /access/realm/pve"),
        ("/", "all", "VM.Audit on /"),
    ],
)
def test_what_the_token_lacks_for_the_end_of_a_class_is_told_before_anything_is_stopped(
    api: GuestApi, tmp_path: Path, path: str, role: str, lacks: str
) -> None:
    prepared(api, tmp_path)
    made(api)
    entry = {"path": path, "users": "guests@pve", "roles": f"automation-guests-{role}", "delete": 1}
    registry.call("PUT", "/access/acl", entry, user="root@pam")
    before = len(api.calls)
    with pytest.raises(Refused) as refusal:
        released(api, owners=["stu02@pve"])
    assert f"{TOKEN} lacks " in refusal.value.message and lacks in refusal.value.message
    assert len(api.calls) == before


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({"anew": True}, "VM.Allocate on /vms/1201, VM.PowerMgmt on /vms/1201"),
        (
            {"snapshot": "clean"},
            "VM.Config.Options on /vms/1201, VM.Snapshot.Rollback on /vms/1201 or VM.Snapshot on /vms/1201",
        ),
    ],
)
def test_what_the_token_lacks_for_a_reset_is_told_before_anything_is_switched_off(
    api: GuestApi, tmp_path: Path, said: dict[str, Any], lacks: str
) -> None:
    prepared(api, tmp_path)
    made(api)
    given = {"fleets": [CLASS], "owners": ["stu02@pve"], "run": "x", **said, **speaking(api)}
    whole = make_plan(RESET, checked(RESET.argument_spec, **given), api)
    assert not [one for one in whole.refusals if "lacks" in str(one)]
    entry = {"path": "/pool/os", "users": "guests@pve", "roles": "automation-guests-pools", "delete": 1}
    registry.call("PUT", "/access/acl", entry, user="root@pam")
    told = [str(one) for one in make_plan(RESET, checked(RESET.argument_spec, **given), api).refusals]
    assert [one for one in told if one.startswith(f"{TOKEN} lacks {lacks}.")], told


def test_whoever_comes_back_has_all_of_it_again(api: GuestApi, clock: Clock) -> None:
    made(api)
    released(api, owners=["stu02@pve"])
    assert released(api, owners=["stu02@pve"], revoke=True) == [
        "user.enable:stu02@pve",
        "guest.keep:1201",
        "pool.mark:os/stu02",
    ]
    made(api)
    assert made(api) == 0
    clock.ahead = 15 * DAY
    assert released(api, expired=True) == []


def test_a_disk_that_the_backup_left_out_is_found_in_its_log(api: GuestApi, monkeypatch: pytest.MonkeyPatch) -> None:
    made(api)
    monkeypatch.setattr("pve_standin.guest.backup._disk", lambda key, value, found: iter(()))
    with pytest.raises(NotProved):
        released(api, owners=["stu02@pve"])


class Cut(BaseException):
    """The run was ended."""


@pytest.mark.slow
def test_cut_off_after_every_call_the_next_run_makes_the_same_class(
    api: GuestApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [0]
    whole = GuestApi.act

    def act(self: GuestApi, step: Any) -> str:
        if not left[0]:
            raise Cut
        left[0] -= 1
        return whole(self, step)

    monkeypatch.setattr(GuestApi, "act", act)
    ends, cut = set(), 0
    while True:
        with api.kept():
            left[0] = cut
            try:
                made(api, owners=["stu01", "stu02"])
                complete = True
            except Cut:
                complete = False
            known = [vmid for vmid in (1200, 1201) if api.file(vmid).exists()]
            assert all("baremetal.virt: " in api.file(vmid).read_text() for vmid in known), "a guest that nobody knows"
            left[0] = 1000
            made(api, owners=["stu01", "stu02"])
            assert made(api, owners=["stu01", "stu02"]) == 0
            ends.add((api.user_cfg, *(api.config(vmid)["description"] for vmid in (1200, 1201))))
        if complete:
            break
        cut += 1
    assert cut > 12 and len(ends) == 1
