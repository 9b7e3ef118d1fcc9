"""The token that makes guests: all that it needs and nothing else, and a student who can do nothing to others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.modules.access_permission_info import INQUIRY
from pve_standin.api import registry
from pve_standin.core.errors import ApiError

from ....doubles.access_api import AccessApi, plan

GUESTS: dict[str, Any] = {
    "id": "guests",
    "pools": ["course"],
    "template_pools": ["templates"],
    "storages": ["vms"],
    "image_storages": ["iso"],
    "backup_storages": ["backup"],
    "networks": ["vmbr0", "labs/vnet1"],
    "groups": ["course"],
    "ha": True,
}
TOKEN = "guests@pve!automation"


@pytest.fixture
def said(tmp_path: Path) -> dict[str, Any]:
    return {
        "automation": {**GUESTS, "file": str(tmp_path / "guests.token")},
        "groups": [{"id": "course"}],
        "pools": [{"id": "templates"}],
    }


def preflight(api: AccessApi, /, **given: Any) -> Mapping[str, Any]:
    checked = ArgumentSpecValidator(dict(INQUIRY.argument_spec)).validate(given)
    assert not checked.error_messages
    return INQUIRY.answer(api, checked.validated_parameters)


def allowed(who: str, verb: str, place: str, /, **given: Any) -> bool:
    try:
        registry.call(verb, place, given, user=who)
    except ApiError as error:
        assert error.code == 403 or "403" in error.message or "Cannot add role" in str(error), error.message
        return False
    return True


@pytest.mark.parametrize("pve", [9, 8])
def test_it_is_made_once(on_release: Callable[[int], AccessApi], said: dict[str, Any], pve: int) -> None:
    api = on_release(pve)
    first = plan(api, **said)
    assert not first.refusals
    api.perform(first)
    assert plan(api, **said).steps == ()
    assert f"token:{TOKEN}:0:0::" in api.user_cfg
    assert preflight(api, automation=GUESTS) == {"missing": []}
    agent = "VM.Monitor" if pve == 8 else "VM.GuestAgent.Audit"
    assert f"{agent}," in next(
        line for line in api.user_cfg.splitlines() if line.startswith("role:automation-guests-pools")
    )


def test_the_shortest_declaration(api: AccessApi, tmp_path: Path) -> None:
    said = {"automation": {"id": "guests"}, "token_folder": str(tmp_path)}
    api.perform(plan(api, **said))
    assert (tmp_path / TOKEN).exists()
    assert "pool:guests::::" in api.user_cfg


def test_it_can_what_it_is_for_and_nothing_else(api: AccessApi, said: dict[str, Any]) -> None:
    api.perform(plan(api, **said, roles=[{"id": "Student", "preset": "student"}]))
    assert allowed(TOKEN, "POST", "/pools", poolid="course/stu01")
    assert allowed(TOKEN, "POST", "/access/users", userid="stu01@pve", groups="course", password="secret-01")
    entry = {"path": "/pool/course/stu01", "users": "stu01@pve"}
    assert allowed(TOKEN, "PUT", "/access/acl", **entry, roles="Student")
    assert allowed(TOKEN, "PUT", "/access/users/stu01@pve", enable=0, groups="course")
    for verb, path, given in (
        ("PUT", "/access/acl", {**entry, "roles": "PVEVMAdmin"}),
        ("PUT", "/access/acl", {"path": "/", "users": "stu01@pve", "roles": "Student"}),
        ("PUT", "/access/acl", {"path": "/pool/templates", "users": "stu01@pve", "roles": "PVEAuditor"}),
        ("POST", "/pools", {"poolid": "other"}),
        ("POST", "/access/users", {"userid": "x@pve"}),
        ("POST", "/access/users", {"userid": "x@pam", "groups": "course"}),
        ("POST", "/access/roles", {"roleid": "X", "privs": "VM.Audit"}),
        ("POST", "/access/groups", {"groupid": "x"}),
        ("PUT", "/access/users/root@pam", {"enable": 0}),
        ("POST", "/access/users/root@pam/token/t1", {}),
    ):
        assert not allowed(TOKEN, verb, path, **given), (verb, path, given)


def test_a_student_can_do_nothing_to_others(api: AccessApi, said: dict[str, Any]) -> None:
    users = [{"id": "stu01@pve", "groups": ["course"]}, {"id": "stu02@pve", "groups": ["course"]}]
    pools = [*said["pools"], {"id": "course"}, {"id": "course/stu01"}, {"id": "course/stu02"}]
    acl = [{"path": f"/pool/course/{one}", "user": f"{one}@pve", "role": "Student"} for one in ("stu01", "stu02")]
    roles = [{"id": "Student", "preset": "student"}]
    api.perform(plan(api, **{**said, "pools": pools}, users=users, acl=acl, roles=roles))
    for verb, path, given in (
        ("GET", "/pools/course/stu02", {}),
        ("PUT", "/access/acl", {"path": "/pool/course/stu01", "users": "stu01@pve", "roles": "PVEVMAdmin"}),
        ("PUT", "/access/acl", {"path": "/pool/course/stu02", "users": "stu01@pve", "roles": "Student"}),
        ("POST", "/pools", {"poolid": "course/stu01/x"}),
        ("DELETE", "/pools", {"poolid": "course/stu02"}),
        ("PUT", "/access/users/stu02@pve", {"enable": 0}),
        ("POST", "/access/users", {"userid": "x@pve", "groups": "course"}),
        (
            "PUT",
            "/access/password",
            {"userid": "stu02@pve", "password": "another-1", "confirmation-password": "12345678"},
        ),
        ("POST", "/access/users/stu02@pve/token/t1", {}),
        ("GET", "/access/permissions", {"userid": "stu02@pve"}),
    ):
        with pytest.raises(ApiError):
            registry.call(verb, path, given, user="stu01@pve")


def test_every_missing_pair_is_named_at_once(api: AccessApi, said: dict[str, Any]) -> None:
    api.perform(plan(api, **said))
    api.user_cfg = api.user_cfg.replace("SDN.Use", "SDN.Audit").replace("Pool.Allocate,", "")
    with pytest.raises(Refused) as caught:
        preflight(api, automation=GUESTS)
    assert caught.value.details["refusals"] == [
        "Pool.Allocate on /pool/course",
        "SDN.Use on /sdn/zones/labs/vnet1",
        "SDN.Use on /sdn/zones/localnetwork/vmbr0",
    ]
    assert caught.value.message.startswith(f"{TOKEN} lacks Pool.Allocate on /pool/course, SDN.Use")
    assert len(preflight(api, automation=GUESTS, required=False)["missing"]) == 3


def test_a_token_asks_for_itself(api: AccessApi, said: dict[str, Any]) -> None:
    api.perform(plan(api, **said))
    api.caller = TOKEN
    given = {"api": {"token_id": TOKEN, "token_secret": "x"}}
    assert preflight(api, automation=GUESTS, **given) == {"missing": []}
    needs = [{"path": "/vms", "privs": ["VM.Audit"]}, {"path": "/", "privs": ["Sys.Console"], "propagate": False}]
    assert preflight(api, needs=needs, required=False, **given)["missing"] == [{"path": "/vms", "priv": "VM.Audit"}]


@pytest.mark.parametrize("need", [{"path": "/nosuch", "privs": []}, {"path": "/", "privs": ["VM.Nosuch"]}])
def test_what_nobody_can_have_is_invalid(api: AccessApi, need: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        preflight(api, needs=[need])


def test_what_others_take_away_again_is_refused_before_anything_changes(api: AccessApi, said: dict[str, Any]) -> None:
    entry = {"path": "/storage/vms", "user": "guests@pve", "role": "NoAccess"}
    (told,) = plan(api, **said, acl=[entry]).refusals
    assert (
        told.reason
        == f"{TOKEN} would still lack Datastore.AllocateSpace on /storage/vms, Datastore.Audit on /storage/vms."
    )


def test_what_it_no_longer_needs_it_no_longer_has(api: AccessApi, said: dict[str, Any]) -> None:
    """Nobody else's rights are touched by that."""
    api.perform(plan(api, **said, acl=[{"path": "/storage/vms", "group": "course", "role": "PVEDatastoreUser"}]))
    less = {**said["automation"], "storages": [], "networks": [], "ha": False}
    found = plan(api, **{**said, "automation": less})
    assert [step.id for step in found.steps] == [
        "acl.remove:/ user guests@pve automation-guests-ha",
        "acl.remove:/sdn/zones/labs/vnet1 user guests@pve automation-guests-networks",
        "acl.remove:/sdn/zones/localnetwork/vmbr0 user guests@pve automation-guests-networks",
        "acl.remove:/storage/vms user guests@pve automation-guests-storages",
        "role.remove:automation-guests-ha",
        "role.remove:automation-guests-networks",
    ]
    api.perform(found)
    assert plan(api, **{**said, "automation": less}).steps == ()
    assert preflight(api, automation=less) == {"missing": []}


def test_exclusive_leaves_it_also_where_it_is_not_declared(api: AccessApi, said: dict[str, Any]) -> None:
    api.perform(plan(api, **said))
    found = plan(api, exclusive=["users", "roles", "tokens", "acl"], groups=said["groups"])
    assert found.steps == ()
    assert "guests@pve is not declared and stays: another part of this collection." in found.warnings
