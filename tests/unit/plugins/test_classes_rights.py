"""Who may do what in a class, over HTTPS: the token that makes machines, and a student with a token of his own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import Token
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.failure import ApiFailure

from ...doubles.school import School

pytestmark = pytest.mark.slow
AUTOMATION = {"id": "guests", "pools": ["os"], "groups": ["os"], "storages": ["vms"], "networks": ["vmbr0"]}
ACCESS = """
- hosts: proxmox
  gather_facts: false
  roles:
    - role: baremetal.virt.access
"""
FORBIDDEN = 403


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    (tmp_path / "node").mkdir()
    file = tmp_path / "guests.token"
    found = School(tmp_path, access_groups=[{"id": "os"}], access_automation={**AUTOMATION, "file": str(file)})
    secret = f"{{{{ lookup('ansible.builtin.file', '{file}') }}}}"
    said = json.loads((tmp_path / "hosts.json").read_text(encoding="utf-8"))
    api = {**said["proxmox"]["vars"]["guest_fleets_api"], "token_id": "guests@pve!automation", "token_secret": secret}
    said["proxmox"]["vars"]["guest_fleets_machines_api"] = api
    (tmp_path / "hosts.json").write_text(json.dumps(said), encoding="utf-8")
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")
    yield found
    found.server.stop()


def made(school: School) -> None:
    for playbook in (str(school.folder / "access.yml"), "guests.yml"):
        done = school.play(playbook, "-vvv")
        assert done.returncode == 0, done.stdout + done.stderr
        secret = (school.folder / "guests.token").read_text(encoding="ascii").strip()
        assert secret not in done.stdout + done.stderr and not school.logs_with(secret)


def test_machines_are_made_by_the_token_that_is_for_them(school: School) -> None:
    made(school)
    done = school.play("guests.yml")
    assert " changed=0 " in done.stdout, done.stdout
    rows = school.server.api().get(f"/nodes/{school.server.node}/tasks?limit=500")
    assert {row["user"] for row in rows if row["type"].startswith("qm")} == {"guests@pve!automation"}
    entry = {"path": "/storage/vms", "users": "guests@pve", "roles": "automation-guests-storages"}
    school.server.api().change("PUT", "/access/acl", {**entry, "delete": 1}, False)
    school.table.write_text("login\nstu01\nstu02\nstu03\n", encoding="utf-8")
    refused = school.play("guests.yml")
    assert refused.returncode and "/storage/vms, Datastore.AllocateSpace" in refused.stdout.replace("\n", " ")


#: What is withheld from a student on his own machine, and everything on what is not his. ``own`` and ``other`` are
#: machines. That anybody may read the members of a pool whose name he knows is so upstream.
ATTEMPTS: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "{own}/config", {"tags": "free"}),
    ("PUT", "{own}/config", {"description": "mine"}),
    ("PUT", "{own}/config", {"protection": 1}),
    ("PUT", "{own}/config", {"memory": "65536"}),
    ("PUT", "{own}/config", {"cores": 64}),
    ("PUT", "{own}/config", {"net0": "virtio,bridge=vmbr0,tag=7"}),
    ("PUT", "{own}/config", {"ciuser": "root"}),
    ("PUT", "{own}/config", {"scsi1": "vms:1"}),
    ("PUT", "{own}/resize", {"disk": "scsi0", "size": "+1G"}),
    ("POST", "{own}/snapshot", {"snapname": "mine"}),
    ("DELETE", "{own}/snapshot/clean", {}),
    ("POST", "{own}/clone", {"newid": 4000}),
    ("POST", "{own}/template", {}),
    ("DELETE", "{own}", {}),
    ("GET", "{other}/config", {}),
    ("GET", "{other}/pending", {}),
    ("GET", "{other}/snapshot", {}),
    ("GET", "{other}/status/current", {}),
    ("GET", "{other}/cloudinit", {}),
    ("PUT", "{other}/config", {"tags": "mine"}),
    ("POST", "{other}/status/start", {}),
    ("POST", "{other}/status/stop", {}),
    ("POST", "{other}/status/shutdown", {}),
    ("POST", "{other}/snapshot/clean/rollback", {}),
    ("POST", "{other}/clone", {"newid": 4001}),
    ("DELETE", "{other}", {}),
    ("POST", "/nodes/{node}/qemu", {"vmid": 4002}),
    ("POST", "/nodes/{node}/qemu", {"vmid": 4003, "pool": "os/stu01"}),
    ("GET", "/nodes/{node}/storage/vms/content", {}),
    ("GET", "/nodes/{node}/storage/backups/content", {}),
    ("GET", "/access/users/stu02@pve", {}),
    ("GET", "/access/users/stu02@pve/token", {}),
    ("PUT", "/access/users/stu02@pve", {"enable": 0}),
    ("PUT", "/access/users/stu01@pve", {"expire": 0}),
    ("DELETE", "/access/users/stu02@pve", {}),
    ("POST", "/access/users", {"userid": "stu99@pve", "groups": "os"}),
    ("POST", "/access/users/stu02@pve/token/t1", {}),
    ("POST", "/access/groups", {"groupid": "mine"}),
    ("POST", "/access/roles", {"roleid": "Mine", "privs": "VM.Allocate"}),
    ("PUT", "/access/acl", {"path": "/pool/os/stu02", "users": "stu01@pve", "roles": "FleetOwner"}),
    ("PUT", "/access/acl", {"path": "/vms/1200", "users": "stu01@pve", "roles": "PVEVMAdmin"}),
    ("PUT", "/access/acl", {"path": "/", "users": "stu01@pve", "roles": "Administrator"}),
    ("POST", "/pools", {"poolid": "os/stu01/x"}),
    ("PUT", "/pools", {"poolid": "os/stu01", "comment": "numbers=vm:1"}),
    ("PUT", "/pools", {"poolid": "os/stu01", "vms": "1201"}),
    ("DELETE", "/pools", {"poolid": "os/stu02"}),
    ("GET", "/access/permissions", {"userid": "stu02@pve"}),
    ("POST", "/cluster/ha/resources", {"sid": "vm:1200"}),
]


def test_a_student_succeeds_in_nothing_that_is_not_his(school: School) -> None:
    made(school)
    node, root = school.server.node, school.server.api()
    secret = root.change("POST", "/access/users/stu01@pve/token/cli", {"privsep": 0}, False)["value"]
    his = school.server.api(Token("stu01@pve!cli", secret))
    names = {"own": f"/nodes/{node}/qemu/1200", "other": f"/nodes/{node}/qemu/1201", "node": node}
    seen = [row["vmid"] for row in his.get("/cluster/resources") if row["type"] == "qemu"]
    assert seen == [1200]
    his.change("POST", f"{names['own']}/status/stop", {}, False)
    his.change("POST", f"{names['own']}/snapshot/clean/rollback", {}, False)
    before = state(school)
    succeeded = []
    for method, path, given in ATTEMPTS:
        place = path.format(**names)
        try:
            if method == "GET":
                his.get(place + ("?" + "&".join(f"{key}={value}" for key, value in given.items()) if given else ""))
            else:
                his.change(method, place, given, False)
            succeeded.append((method, place, given))
        except ApiFailure as failure:
            assert failure.status == FORBIDDEN, (method, place, given, str(failure))
        except Unreadable as failure:
            assert failure.details["status"] == FORBIDDEN, (method, place, given, str(failure))
    assert succeeded == []
    assert state(school) == before


def test_a_student_gets_no_backup_of_anybody(school: School) -> None:
    """The call answers all the same: its task finds out that it may not, and has written nothing."""
    made(school)
    secret = school.server.api().change("POST", "/access/users/stu01@pve/token/cli", {"privsep": 0}, False)["value"]
    his = school.server.api(Token("stu01@pve!cli", secret))
    for vmid in (1200, 1201):
        with pytest.raises(ApiFailure):
            his.change("POST", f"/nodes/{school.server.node}/vzdump", {"vmid": vmid, "storage": "backups"}, False)
    assert not list(school.server.folder.glob("backups/dump/*"))


def state(school: School) -> dict[str, str]:
    files = [*school.server.folder.glob("etc/pve/user.cfg"), *school.server.folder.glob("etc/pve/nodes/*/*/*.conf")]
    return {str(file): file.read_text(encoding="utf-8") for file in files}
