"""What somebody needs who is no administrator: to see all there is, and for each change the rights on its part."""

from __future__ import annotations

from typing import Any

import pytest

from ....doubles.access_api import AccessApi, plan

SPEAKING: dict[str, Any] = {"api": {"token_id": "auto@pve!ci", "token_secret": "x"}}
BEFORE = (
    "user:root@pam:1:0::::::\nuser:auto@pve:1:0::::::\ntoken:auto@pve!ci:0:0::\nuser:ann@pve:1:0::::::\n"
    "group:ops:auto@pve::\ngroup:course:ann@pve::\npool:course::::\nrole:Student:VM.Audit:\nacl:1:/:auto@pve:PVEAuditor:\n"
)


@pytest.fixture
def auditor(api: AccessApi) -> AccessApi:
    api.user_cfg, api.caller, api.guests = BEFORE, "auto@pve!ci", {100: ""}
    return api


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({"users": [{"id": "new@pve"}]}, "User.Modify on /access/groups, Realm.AllocateUser on /access/realm/pve"),
        (
            {"users": [{"id": "new@pve", "groups": ["ops"]}]},
            "User.Modify on /access/groups or User.Modify on /access/groups/ops, Realm.AllocateUser on ",
        ),
        ({"groups": [{"id": "new"}]}, "Group.Allocate on /access/groups"),
        ({"roles": [{"id": "New", "privs": []}]}, "Sys.Modify on /access"),
        ({"pools": [{"id": "new"}]}, "Pool.Allocate on /pool/new"),
        (
            {"pools": [{"id": "new", "storage": ["vms"]}]},
            "Datastore.Allocate on /storage/vms or Permissions.Modify",
        ),
        ({"pools": [{"id": "new", "vms": [100]}]}, "VM.Allocate on /vms/100 or Permissions.Modify on /vms/100"),
        ({"realms": [{"id": "pve", "type": "pve", "comment": "ours"}]}, "Realm.Allocate on /access/realm"),
        ({"tokens": [{"id": "auto@pve!new"}]}, "User.Modify on /access/groups"),
        ({"acl": [{"path": "/nodes", "group": "ops", "role": "PVEAuditor"}]}, "Permissions.Modify on /nodes"),
        (
            {"acl": [{"path": "/pool/new", "group": "ops", "role": "PVETemplateUser"}]},
            "Pool.Allocate on /pool/new or Permissions.Modify on /pool/new, VM.Clone on /pool/new or",
        ),
    ],
)
def test_whoever_sees_all_is_told_what_he_lacks_for_a_change(
    auditor: AccessApi, said: dict[str, Any], lacks: str
) -> None:
    told = " ".join(map(str, plan(auditor, **SPEAKING, **said).refusals))
    assert "auto@pve!ci lacks for what is to be changed: " in told and lacks in told


def test_whoever_changes_nothing_needs_nothing(auditor: AccessApi) -> None:
    found = plan(auditor, **SPEAKING, groups=[{"id": "ops"}], users=[{"id": "ann@pve", "groups": ["course"]}])
    assert not found.steps and not found.refusals


def test_a_pool_that_a_nearer_entry_hides_is_not_made(auditor: AccessApi) -> None:
    auditor.user_cfg = BEFORE + "acl:1:/pool/course:auto@pve:PVETemplateUser:\n"
    told = " ".join(map(str, plan(auditor, **SPEAKING, pools=[{"id": "course"}]).refusals))
    assert "Pool.Audit on /pool/course" in told


def test_the_rights_on_one_group_and_one_pool_are_enough_for_what_is_in_them(auditor: AccessApi) -> None:
    """Proxmox VE wants the group named with each change of one of its members."""
    auditor.user_cfg = (
        BEFORE.replace(
            "acl:", "role:Some:Pool.Allocate,Pool.Audit,User.Modify,VM.Audit:\nrole:Making:Realm.AllocateUser:\nacl:", 1
        )
        + "acl:1:/pool/course:auto@pve:Some:\nacl:1:/access/groups/course:auto@pve:Some:\n"
        "acl:1:/access/realm/pve:auto@pve:Making:\n"
    )
    said = {
        "users": [{"id": "bob@pve", "groups": ["course"]}, {"id": "ann@pve", "enable": False, "comment": "gone"}],
        "pools": [{"id": "course"}, {"id": "course/bob"}],
        "acl": [{"path": "/pool/course/bob", "user": "bob@pve", "role": "Student"}],
    }
    whole = plan(auditor, **SPEAKING, **said)
    assert not whole.refusals
    auditor.perform(whole)
    changed = [given for verb, path, given in auditor.calls if verb == "PUT" and path == "/access/users/ann%40pve"]
    assert changed and all((given["groups"], given["append"]) == ("course", 1) for given in changed)
    assert plan(auditor, **SPEAKING, **said).steps == ()
    back = [{"id": "ann@pve", "enable": True}, {"id": "bob@pve", "state": "absent"}]
    auditor.perform(plan(auditor, **SPEAKING, users=back))
    more = plan(auditor, **SPEAKING, acl=[{"path": "/pool/course", "user": "ann@pve", "role": "PVEVMUser"}])
    assert "VM.Backup on /pool/course or Permissions.Modify on /pool/course" in str(more.refusals[0])
