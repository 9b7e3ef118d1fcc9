"""What the API of a real cluster printed, read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.access.access import (
    DesiredAccess,
    DesiredToken,
    DesiredUser,
    Entry,
    Group,
    Pool,
    Realm,
    Token,
    User,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.access.access import observe, observe_rights

from ....doubles.support import FakeNode

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"


def recorded(number: str) -> Any:
    (path,) = TRANSCRIPTS.glob(f"{number}-*.json")
    return json.loads(path.read_text(encoding="utf-8"))["body"]["data"]


def node(**more: Any) -> FakeNode:
    found = FakeNode()
    realms = recorded("339cf")
    found.api = {
        "/version": {"version": "9.2.11"},
        "/access/users?full=1": recorded("327"),
        "/access/groups": [{"groupid": "course1", "users": "stu01@pve", **recorded("339bw")}],
        "/access/roles": recorded("339av"),
        "/access/acl": recorded("339bj"),
        "/access/domains": [*realms, {"realm": "school", "type": "ldap"}],
        **{f"/access/domains/{row['realm']}": row for row in realms},
        "/access/domains/school": recorded("339ck"),
        "/pools": recorded("350"),
        "/cluster/jobs/realm-sync": [{"id": "nightly", "realm": "school", "remove-vanished": "acl;none"}],
        **more,
    }
    return found


def test_what_a_real_cluster_has() -> None:
    seen = observe(node(), DesiredAccess("root@pam"))
    assert seen.release == 9
    assert seen.rights is None
    assert seen.jobs == {"school": frozenset(("acl",))}
    now = seen.now
    assert now.users["stu01@pve"] == User(
        firstname="A", lastname="B", email="stu01@lab.test", comment="first: student; ü", groups=frozenset(("course1",))
    )
    assert now.users["stu02@nosuch"] == User()
    assert now.groups == {"course1": Group("Kurs 1 / 网络")}
    assert now.roles == {"Student": frozenset(("VM.Audit", "VM.Config.CDROM"))}
    assert len(seen.built_in) == 17
    assert now.acl == {
        Entry("/pool/course1", "group", "course1", "PVEPoolUser"): False,
        Entry("/pool/course1", "group", "course1", "PVEAuditor"): False,
        Entry("/vms/100", "user", "stu01@pve", "Student"): True,
    }
    options = {
        "base_dn": "dc=lab,dc=test",
        "bind_dn": "cn=x,dc=lab,dc=test",
        "server1": "10.20.9.1",
        "user_attr": "uid",
    }
    assert now.realms["school"] == Realm("ldap", options)
    assert now.pools["course"] == Pool("Kurs A")
    assert list(now.pools) == ["course", "course/stu01", "course/stu01/deep", "templates"]


def test_tokens_are_with_their_users() -> None:
    rows = [{"userid": "root@pam", "tokens": recorded("339aa")}]
    seen = observe(node(**{"/access/users?full=1": rows}), DesiredAccess("root@pam"))
    assert seen.now.tokens == {"root@pam!auto": Token("automation", 0, privsep=False)}


def test_members_are_read_of_pools_that_are_declared() -> None:
    guests = [{"vmid": 300, "pool": "course"}, {"vmid": 301}]
    whole = [{"poolid": "course", "members": [{"type": "qemu", "vmid": 300}, {"type": "storage", "storage": "shared"}]}]
    asked = {"/pools?poolid=course": whole, "/cluster/resources?type=vm": guests}
    desired = DesiredAccess("root@pam", pools={"course": None})  # type: ignore[dict-item]
    seen = observe(node(**asked), desired)
    assert seen.now.pools["course"] == Pool("", frozenset((300,)), frozenset(("shared",)))
    assert seen.placed == {300: "course", 301: ""}


def test_whether_a_file_is_there_and_an_end_is_over() -> None:
    here = node(**{"/nodes/localhost/time": {"time": 2000}})
    here.files["/tokens/a"] = "value"
    desired = DesiredAccess(
        "root@pam",
        users={name: DesiredUser(name, fields={"expire": when}) for name, when in (("a@pve", 1000), ("b@pve", 3000))},
        tokens={name: DesiredToken(name, file=f"/tokens/{name[0]}") for name in ("a@pve!t1", "b@pve!t1")},
    )
    seen = observe(here, desired)
    assert seen.handed == {"a@pve!t1"}
    assert seen.past == {"The user a@pve"}


def test_rights_are_read_path_by_path() -> None:
    asked = {
        "/access/permissions?path=%2Fvms%2F402&userid=ev1%40pve": recorded("369dn"),
        "/access/permissions?path=%2Fvms%2F404&userid=ev1%40pve": recorded("369dq"),
    }
    found = observe_rights(node(**asked), ["/vms/404", "/vms/402"], "ev1@pve")
    assert found == {"/vms/402": {"VM.Audit": True}, "/vms/404": {}}


def test_truth_is_a_number_or_a_text() -> None:
    row = {"path": "/", "type": "user", "ugid": "a@pve", "roleid": "Ops", "propagate": "0"}
    seen = observe(node(**{"/access/acl": [row]}), DesiredAccess("root@pam"))
    assert list(seen.now.acl.values()) == [False]
