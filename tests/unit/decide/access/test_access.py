"""Set against set, on what a real cluster answers: only what differs is changed, and what gives comes first."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan, plan_result
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.modules.access import SUBJECT
from hypothesis import given, settings
from hypothesis import strategies as st
from pve_standin.core import passwords, paths, release

from ....doubles.access_api import AccessApi, moved, params, plan
from ....doubles.examples import examples

TAKING = ("disable", "remove", "narrow", "lessen", "leave")
COURSE: dict[str, Any] = {
    "realms": [
        {
            "id": "school",
            "type": "ldap",
            "server1": "192.0.2.5",
            "base_dn": "dc=example,dc=org",
            "user_attr": "uid",
            "bind_dn": "cn=reader,dc=example,dc=org",
            "password": "bind-secret-1",
        }
    ],
    "groups": [{"id": "teachers", "comment": "Kurs 1 / 网络"}, {"id": "course", "members": ["stu01@pve"]}],
    "roles": [{"id": "Student", "preset": "student"}, {"id": "Ops", "privs": ["VM.Audit", "Sys.Audit"]}],
    "users": [
        {"id": "ann@pve", "groups": ["teachers"], "password": "secret-ann", "email": "ann@example.org"},
        {"id": "stu01@pve", "expire": "2030-02-28", "comment": "first: student; ü"},
    ],
    "pools": [{"id": "course/stu01"}, {"id": "course", "comment": "Kurs A"}],
    "acl": [
        {"path": "/pool/course/", "group": "teachers", "role": "PVEVMAdmin"},
        {"path": "/pool/course/stu01", "user": "stu01@pve", "role": "Student"},
        {"path": "/", "user": "ann@pve", "role": "PVEAuditor", "propagate": False},
        {"path": "/vms", "token": "ann@pve!report", "role": "PVEAuditor"},
    ],
    "tokens": [{"id": "ann@pve!report", "comment": "reads", "expire": "2030-12-31"}],
}


@pytest.fixture
def course(tmp_path: Path) -> dict[str, Any]:
    return {**COURSE, "token_folder": str(tmp_path / "tokens")}


def test_everything_is_made_once_and_then_left_alone(api: AccessApi, course: dict[str, Any], tmp_path: Path) -> None:
    first = plan(api, **course)
    assert [step.id for step in first.steps] == [
        "realm.add:school",
        "role.create:Ops",
        "role.create:Student",
        "group.create:course",
        "group.create:teachers",
        "user.create:ann@pve",
        "user.create:stu01@pve",
        "token.create:ann@pve!report",
        "pool.create:course",
        "pool.create:course/stu01",
        "token.enable:ann@pve!report",
        "acl.give:/ user ann@pve PVEAuditor",
        "acl.give:/pool/course group teachers PVEVMAdmin",
        "acl.give:/pool/course/stu01 user stu01@pve Student",
        "acl.give:/vms token ann@pve!report PVEAuditor",
    ]
    assert not first.refusals
    api.perform(first)
    assert plan(api, **course).steps == ()
    assert (tmp_path / "tokens" / "ann@pve!report").read_text().count("-") == 4
    assert "stu01@pve:1:1898553600:::" in api.user_cfg


def ids(api: AccessApi, **said: Any) -> list[str]:
    found = plan(api, **said)
    assert not found.refusals, found.refusals
    return [step.id for step in found.steps]


@pytest.mark.parametrize("pve", [9, 8])
def test_a_run_killed_after_any_call_is_finished_by_the_next(
    on_release: Callable[[int], AccessApi], course: dict[str, Any], tmp_path: Path, pve: int
) -> None:
    api = on_release(pve)
    assert_finishes_from_every_kill(api, course, tmp_path)


def assert_finishes_from_every_kill(api: AccessApi, said: dict[str, Any], tmp_path: Path) -> None:
    steps = plan(api, **said).steps
    ends = set()
    for kill_after in range(len(steps) + 1):
        with api.kept():
            shutil.rmtree(tmp_path / "tokens", ignore_errors=True)
            for step in steps[:kill_after]:
                api.act(step)
            again = plan(api, **said)
            assert not again.refusals, (kill_after, again.refusals)
            api.perform(again)
            assert plan(api, **said).steps == (), kill_after
            ends.add(api.user_cfg)
    assert len(ends) == 1


def test_a_token_whose_value_nobody_learned_is_made_anew(
    api: AccessApi, course: dict[str, Any], tmp_path: Path
) -> None:
    """Killed after the call, and before its answer was written."""
    for step in plan(api, **course).steps:
        api.act(step)
        if step.id.startswith("token.create"):
            break
    (tmp_path / "tokens" / "ann@pve!report").unlink()
    assert [one for one in ids(api, **course) if one.startswith("token")] == [
        "token.discard:ann@pve!report",
        "token.create:ann@pve!report",
        "token.enable:ann@pve!report",
    ]


def test_the_order_of_a_declaration_means_nothing(api: AccessApi, course: dict[str, Any]) -> None:
    first = ids(api, **course)
    shuffled = {name: rows[::-1] if isinstance(rows, list) else rows for name, rows in course.items()}
    assert ids(api, **shuffled) == first
    api.perform(plan(api, **course))
    assert ids(api, **shuffled) == []


def test_what_means_the_same_is_no_change(api: AccessApi, course: dict[str, Any]) -> None:
    api.perform(plan(api, **course))
    again = [{**row, "path": f"{row['path'].strip('/')}/"} for row in COURSE["acl"]]
    roles = [{"id": "Ops", "privs": ["Sys.Audit", "VM.Audit"]}]
    users = [{"id": "stu01@pve", "expire": 1898553600, "enable": "yes", "firstname": ""}]
    realm = {**COURSE["realms"][0], "mode": "ldap", "verify": False, "case_sensitive": True, "capath": "/etc/ssl/certs"}
    assert ids(api, acl=again, roles=roles, users=users, realms=[realm]) == []


@pytest.mark.parametrize(
    ("said", "expected", "calls"),
    [
        (
            {"users": [{"id": "stu01@pve", "comment": "", "expire": "never"}]},
            ["user.change:stu01@pve"],
            [("PUT", "/access/users/stu01%40pve", {"comment": "", "expire": 0})],
        ),
        (
            {"users": [{"id": "stu01@pve", "groups": ["teachers"]}]},
            ["user.change:stu01@pve"],
            [("PUT", "/access/users/stu01%40pve", {"append": 1, "groups": "teachers"})],
        ),
        (
            {"users": [{"id": "stu01@pve", "enable": False}]},
            ["user.disable:stu01@pve"],
            [("PUT", "/access/users/stu01%40pve", {"enable": 0})],
        ),
        (
            {"roles": [{"id": "Ops", "privs": ["VM.Audit", "VM.Console"]}]},
            ["role.extend:Ops", "role.lessen:Ops"],
            [
                ("PUT", "/access/roles/Ops", {"append": 1, "privs": "VM.Console"}),
                ("PUT", "/access/roles/Ops", {"privs": "VM.Audit,VM.Console"}),
            ],
        ),
        (
            {"realms": [{**COURSE["realms"][0], "comment": "LDAP", "mode": "ldaps", "server2": ""}]},
            ["realm.change:school"],
            [("PUT", "/access/domains/school", {"comment": "LDAP", "mode": "ldaps"})],
        ),
        (
            {"acl": [{"path": "/", "user": "ann@pve", "role": "PVEAuditor", "state": "absent"}]},
            ["acl.remove:/ user ann@pve PVEAuditor"],
            [("PUT", "/access/acl", {"path": "/", "users": "ann@pve", "roles": "PVEAuditor", "delete": 1})],
        ),
        (
            {"users": [{"id": "ann@pve", "state": "absent"}]},
            [
                "acl.remove:/ user ann@pve PVEAuditor",
                "acl.remove:/vms token ann@pve!report PVEAuditor",
                "token.remove:ann@pve!report",
                "user.remove:ann@pve",
            ],
            None,
        ),
        (
            {"pools": [{"id": "course", "state": "absent"}, {"id": "course/stu01", "state": "absent"}]},
            [
                "acl.remove:/pool/course group teachers PVEVMAdmin",
                "acl.remove:/pool/course/stu01 user stu01@pve Student",
                "pool.remove:course/stu01",
                "pool.remove:course",
            ],
            None,
        ),
        (
            {"groups": [{"id": "course", "state": "absent"}, {"id": "teachers", "members": [], "exclusive": True}]},
            ["user.leave:ann@pve", "group.remove:course"],
            None,
        ),
        (
            {"tokens": [{"id": "ann@pve!report", "rotate": True}]},
            ["token.rotate:ann@pve!report"],
            [("PUT", "/access/users/ann%40pve/token/report", {"regenerate": 1})],
        ),
        (
            {"realms": [{**COURSE["realms"][0], "password": "another-secret", "password_update": "always"}]},
            ["realm.password:school"],
            [("PUT", "/access/domains/school", {})],
        ),
    ],
)
def test_only_the_difference_is_changed(
    api: AccessApi, course: dict[str, Any], said: dict[str, Any], expected: list[str], calls: list[Any] | None
) -> None:
    api.perform(plan(api, **course))
    api.calls.clear()
    folder = {"token_folder": course["token_folder"]}
    first = plan(api, **said, **folder)
    assert not first.refusals
    assert [step.id for step in first.steps] == expected
    api.perform(first)
    assert calls is None or api.calls == calls
    assert [step.id for step in plan(api, **said, **folder).steps if not step.unseen] == []


def test_whatever_is_removed_is_gone_whole(api: AccessApi, course: dict[str, Any], tmp_path: Path) -> None:
    """No right and no secret waits for the next one of that name: also in a pool that is inside another one."""
    before = api.user_cfg
    api.perform(plan(api, **course))
    gone = {
        name: [{"id": row["id"], "state": "absent", **({"type": "ldap"} if name == "realms" else {})} for row in rows]
        for name, rows in course.items()
        if name in ("users", "groups", "roles", "pools", "realms")
    }
    assert_finishes_from_every_kill(api, gone, tmp_path)
    api.perform(plan(api, **gone))
    assert api.user_cfg.split() == before.split()
    assert paths.TOKEN_CFG.read_text() == ""


def test_a_token_that_is_there_without_its_file_is_left_and_told(api: AccessApi, course: dict[str, Any]) -> None:
    """Only where the file is said: anybody else may hold the value elsewhere."""
    api.perform(plan(api, **course))
    shutil.rmtree(course["token_folder"])
    assert plan(api, **course).warnings == ()
    token = {**COURSE["tokens"][0], "file": f"{course['token_folder']}/report"}
    found = plan(api, **{**course, "tokens": [token]})
    assert found.steps == ()
    assert any("rotate: true gives it another one" in warning for warning in found.warnings)


def test_secrets_are_in_nothing_that_is_shown(api: AccessApi, course: dict[str, Any]) -> None:
    found = plan(api, **course)
    shown = repr((found, found.before, found.after, plan_result(found)))
    assert not [secret for secret in ("secret-ann", "bind-secret-1") if secret in shown]


def test_a_password_is_set_when_a_user_is_made_and_when_somebody_asks_for_it(api: AccessApi) -> None:
    user = {"id": "ann@pve", "password": "secret-ann"}
    api.perform(plan(api, users=[user]))
    assert passwords.verify("ann@pve", "secret-ann")
    other = {**user, "password": "other-ann"}
    assert ids(api, users=[other]) == []
    asked = plan(api, users=[{**other, "password_update": "always"}])
    assert [step.id for step in asked.steps] == ["user.password:ann@pve"]
    api.perform(asked)
    assert passwords.verify("ann@pve", "other-ann")


def test_a_realm_is_synced_until_it_has_users(api: AccessApi) -> None:
    realm = {**COURSE["realms"][0], "sync": True, "sync_defaults": {"scope": "both"}}
    assert ids(api, realms=[realm]) == ["realm.add:school", "realm.sync:school"]
    api.act(plan(api, realms=[realm]).steps[0])
    assert ids(api, realms=[realm]) == ["realm.sync:school"]
    api.user_cfg += "user:x@school:1:0::::::\n"
    assert ids(api, realms=[realm]) == []


def test_proxmox_ve_7_names_a_pool_in_the_path(on_release: Callable[[int], AccessApi]) -> None:
    api = on_release(7)
    said = {"pools": [{"id": "course", "vms": [100]}]}
    api.guests = {100: ""}
    api.perform(plan(api, **said))
    assert api.calls[-1] == ("PUT", "/pools/course", {"vms": "100"})
    api.guests = {100: "course"}
    assert ids(api, **said) == []
    api.guests = {100: "", 101: ""}
    assert "still holds guest 100" in str(plan(api, pools=[{"id": "course", "state": "absent"}]).refusals)


def test_where_nobody_serves_the_api_yet_the_plan_is_whole(course: dict[str, Any]) -> None:
    found = make_plan(SUBJECT, params(**course), Controller(None))
    assert len(found.steps) == 15
    assert not found.refusals


@given(st.randoms(use_true_random=False), st.sets(st.sampled_from(["users", "roles", "acl", "groups"])))
@settings(max_examples=examples(25))
def test_any_state_and_declaration_come_together(chance: random.Random, exclusive: set[str]) -> None:
    """Whatever is there and whatever is declared: one run, then nothing is left to do, and shuffled the same."""
    names = ["ann", "bob", "cleo"]

    def entries() -> list[dict[str, Any]]:
        places = ["/", "/pool/a", "/vms/100"]
        rows = [
            {"path": path, "user": f"{name}@pve", "role": chance.choice(["PVEAuditor", "Ops"])}
            for path in places
            for name in chance.sample(names, 1)
        ]
        return [{**row, "propagate": chance.random() < 0.5} for row in rows]

    def wish() -> dict[str, Any]:
        users = [{"id": f"{name}@pve", "enable": chance.random() < 0.8, "groups": ["g"]} for name in names]
        privs = chance.sample(["VM.Audit", "Sys.Audit", "VM.Console"], 2)
        return {"users": users, "groups": [{"id": "g"}], "roles": [{"id": "Ops", "privs": privs}], "acl": entries()}

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        api = moved(Path(folder), patch)
        for said in (wish(), {**wish(), "exclusive": sorted(exclusive)}):
            found = plan(api, **said)
            shuffled = {name: chance.sample(rows, len(rows)) for name, rows in said.items()}
            assert plan(api, **shuffled) == found
            if found.refusals:
                continue
            takes = [step.id.split(":")[0].split(".")[1] for step in found.steps]
            first_take = next((at for at, verb in enumerate(takes) if verb in TAKING), len(takes))
            assert all(verb in TAKING for verb in takes[first_take:])
            api.perform(found)
            assert plan(api, **said).steps == ()
    release.current.cache_clear()


@pytest.mark.parametrize("pve", [9, 7])
def test_an_exclusive_pool_holds_what_is_declared_and_nothing_else(on_release: Any, pve: int) -> None:
    api = on_release(pve)
    api.guests = {100: "course", 101: "course", 102: ""}
    api.user_cfg = "user:root@pam:1:0::::::\npool:course::100,101::\n"
    pool: dict[str, Any] = {"id": "course", "vms": [100, 102]}
    assert [step.why for step in plan(api, pools=[pool]).steps] == ["put guest 102 into the pool course"]
    found = plan(api, pools=[{**pool, "exclusive": True}])
    assert [(step.id, step.why) for step in found.steps] == [
        ("pool.extend:course", "put guest 102 into the pool course"),
        ("pool.lessen:course", "take guest 101 out of the pool course"),
    ]
    api.perform(found)
    assert "pool:course::100,102::" in api.user_cfg
    assert plan(api, pools=[{**pool, "exclusive": True}]).steps == ()


def test_what_is_in_a_pool_of_a_fleet_only_the_fleet_says(api: AccessApi) -> None:
    comment = "baremetal.virt%3A fleet=os owner=stu01@pve numbers=vm%3A0"
    api.user_cfg = f"user:root@pam:1:0::::::\npool:os:{comment}:100::\n"
    api.guests = {100: "os"}
    told = plan(api, pools=[{"id": "os", "exclusive": True}]).refusals
    assert [str(one) for one in told] == ["What is in the pool os, its fleet says. Leave exclusive out."]
