"""Nothing is done that locks somebody out, gives rights to the wrong one, or will be undone by others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ....doubles.access_api import AccessApi, plan

ANN = "user:root@pam:1:0::::::\nuser:ann@pve:1:0::::::\n"


def refused(api: AccessApi, /, **said: Any) -> str:
    found = plan(api, **said)
    assert found.refusals
    return "\n".join(str(one) for one in found.refusals)


def ids(api: AccessApi, /, **said: Any) -> list[str]:
    found = plan(api, **said)
    assert not found.refusals, found.refusals
    return [step.id for step in found.steps]


class TestWhetherAnEntryPropagatesIsItsValue:
    """Added as a new one and then removed as an old one, it would be gone: the removal does not look at it."""

    BEFORE = (
        ANN + "user:bob@pve:1:0::::::\ngroup:admins:ann@pve::\nrole:Student:VM.Audit:\n"
        "acl:0:/:@admins:Administrator:\nacl:1:/pool/course:bob@pve:Student:\n"
    )
    SAID: dict[str, Any] = {
        "exclusive": ["acl"],
        "acl": [
            {"path": "/", "group": "admins", "role": "Administrator", "propagate": True},
            {"path": "/pool/course/", "user": "bob@pve", "role": "Student", "propagate": "yes"},
        ],
    }

    def test_one_call_and_no_removal(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        api.perform(plan(api, **self.SAID))
        call = {"path": "/", "groups": "admins", "roles": "Administrator", "propagate": 1}
        assert api.calls == [("PUT", "/access/acl", call)]
        assert "acl:1:/:@admins:Administrator:" in api.user_cfg
        assert ids(api, **self.SAID) == []

    def test_the_other_way_round(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE.replace("acl:0:/:@admins", "acl:1:/:bob@pve,@admins")
        rows = [*self.SAID["acl"], {"path": "/", "user": "bob@pve", "role": "Administrator", "propagate": False}]
        assert ids(api, acl=rows) == ["acl.narrow:/ user bob@pve Administrator"]


class TestEntriesForNobody:
    """They stay in user.cfg for years, and the next one of that name has their rights at once."""

    BEFORE = (
        "user:root@pam:1:0::::::\ngroup:course:::\npool:x::100::\n"
        "acl:1:/pool/x:ghost@pve,@gone:PVEVMAdmin:\nacl:1:/pool/x:ghost@pve!t1:PVEAuditor:\n"
    )
    SAID: dict[str, Any] = {"users": [{"id": "ghost@pve", "groups": ["course"]}], "groups": [{"id": "gone"}]}

    def test_refused_with_path_and_role(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        told = refused(api, **self.SAID)
        assert "PVEVMAdmin on /pool/x for the user ghost@pve" in told
        assert "PVEVMAdmin on /pool/x for the group gone" in told
        assert "clean_leftovers" in told

    def test_wanted_ones_are_declared(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        rows = [{"path": "/pool/x", "user": "ghost@pve", "role": "PVEVMAdmin"}]
        assert ids(api, users=self.SAID["users"], acl=rows) == ["user.create:ghost@pve"]

    def test_removed_before_anybody_has_them(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        said = {**self.SAID, "clean_leftovers": True}
        steps = plan(api, **said).steps
        assert [step.id for step in steps] == [
            "group.create:gone",
            "acl.remove:/pool/x group gone PVEVMAdmin",
            "user.create:ghost@pve",
            "acl.remove:/pool/x user ghost@pve PVEVMAdmin",
            "group.change:gone",
            "user.change:ghost@pve",
            "user.enable:ghost@pve",
        ]
        for kill_after in range(len(steps) + 1):
            with api.kept():
                for step in steps[:kill_after]:
                    api.act(step)
                    self.assert_nobody_has_them(api)
                if 0 < kill_after < 3:
                    assert "older than what they name" in refused(api, **self.SAID)
                for step in plan(api, **said).steps:
                    api.act(step)
                    self.assert_nobody_has_them(api)
                assert ids(api, **said) == []
                assert "user:ghost@pve:1:0::::::" in api.user_cfg
                assert "group:course:ghost@pve::" in api.user_cfg
                assert "PVEVMAdmin" not in api.user_cfg

    @staticmethod
    def assert_nobody_has_them(api: AccessApi) -> None:
        """Nobody enabled, and no member of the group."""
        text = api.user_cfg
        assert not ("user:ghost@pve:1:" in text and "ghost@pve,@gone:PVEVMAdmin" in text)
        assert not ("group:gone:ghost@pve" in text and "@gone" in text)

    def test_exclusive_says_that_it_cannot_remove_them(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        found = plan(api, exclusive=["acl:/pool/x"])
        assert found.steps == ()
        assert "PVEVMAdmin on /pool/x for the group gone is not declared and stays: there is nobody" in "\n".join(
            found.warnings
        )

    def test_one_that_is_to_go_is_refused(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        row = {"path": "/pool/x", "user": "ghost@pve", "role": "PVEVMAdmin", "state": "absent"}
        assert "cannot be removed: as long as there is nobody of that name" in refused(api, acl=[row])

    def test_a_pool_that_is_made_anew_gives_nothing_to_those_of_last_year(self, api: AccessApi) -> None:
        api.user_cfg = ANN + "pool:course::::\nacl:1:/pool/course/stu01:ann@pve:PVEVMUser:\n"
        said: dict[str, Any] = {"pools": [{"id": "course/stu01"}]}
        assert "PVEVMUser on /pool/course/stu01 for the user ann@pve" in refused(api, **said)
        assert ids(api, **said, clean_leftovers=True) == [
            "acl.remove:/pool/course/stu01 user ann@pve PVEVMUser",
            "pool.create:course/stu01",
        ]

    def test_a_user_made_with_the_group_never_has_them(self, api: AccessApi) -> None:
        """He is enabled from the first, as no entry names himself."""
        api.user_cfg = self.BEFORE
        said: dict[str, Any] = {
            "users": [{"id": "new@pve", "groups": ["gone"]}],
            "groups": [{"id": "gone"}],
            "clean_leftovers": True,
        }
        for step in plan(api, **said).steps:
            api.act(step)
            assert not ("group:gone:new@pve" in api.user_cfg and "@gone" in api.user_cfg), step.id
        assert ids(api, **said) == []
        assert "group:gone:new@pve" in api.user_cfg

    def test_a_user_and_a_pool_that_are_made_together(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE.replace("/pool/x:ghost@pve,@gone", "/pool/y:ghost@pve")
        said = {"users": [{"id": "ghost@pve"}], "pools": [{"id": "y"}], "clean_leftovers": True}
        api.perform(plan(api, **said))
        assert ids(api, **said) == []
        assert "PVEVMAdmin" not in api.user_cfg

    def test_a_half_made_user_who_is_no_longer_declared_stays_disabled(self, api: AccessApi) -> None:
        api.user_cfg = self.BEFORE
        api.act(plan(api, users=[{"id": "ghost@pve"}], clean_leftovers=True).steps[0])
        other: dict[str, Any] = {"groups": [{"id": "other"}], "clean_leftovers": True}
        api.perform(plan(api, **other))
        assert ids(api, **other) == []
        assert "user:ghost@pve:0:" in api.user_cfg


class TestGroupsThatADirectoryTakesForItsOwn:
    BEFORE = (
        "user:root@pam:1:0::::::\nuser:stu01@school:1:0::::::\nuser:ann@pve:1:0::::::\nuser:t1@old-school:1:0::::::\n"
        "group:staff-school:ann@pve,stu01@school:synced:\ngroup:teachers-school:ann@pve:ours:\n"
        "group:staff-old-school:t1@old-school:synced:\nacl:1:/pool/course:@teachers-school:PVEVMAdmin:\n"
    )
    DOMAINS = (
        "ldap: school\n\tserver1 ldap.example.org\n\tbase_dn dc=example,dc=org\n\tuser_attr uid\n"
        "\tsync-defaults-options remove-vanished=entry;acl;properties,scope=both\n\n"
        "ldap: old-school\n\tserver1 ldap2.example.org\n\tbase_dn dc=old,dc=example,dc=org\n\tuser_attr uid\n"
    )

    @pytest.fixture
    def school(self, api: AccessApi) -> AccessApi:
        api.user_cfg = self.BEFORE
        api.domains_cfg = self.DOMAINS
        return api

    def test_all_at_once(self, school: AccessApi) -> None:
        told = refused(
            school,
            groups=[
                {"id": "teachers-school", "members": ["ann@pve"]},
                {"id": "staff-school", "members": ["ann@pve"]},
            ],
            acl=[{"path": "/pool/course", "group": "staff", "role": "PVEVMUser"}],
        )
        assert "The group teachers-school, with ann@pve: its name ends like the realm school" in told
        assert "The group staff-school, with ann@pve: its name ends like the realm school" in told
        assert "those of the realm old-school" in told
        assert "PVEVMUser on /pool/course for the group staff: there is no such group." in told
        assert "Its group of the directory is called staff-old-school, staff-school here." in told

    def test_a_member_said_by_the_user(self, school: AccessApi) -> None:
        told = refused(school, users=[{"id": "ann@pve", "groups": ["staff-school"]}])
        assert "The next sync takes ann@pve out of staff-school" in told

    def test_an_entry_for_a_group_of_the_directory(self, school: AccessApi) -> None:
        row = {"path": "/pool/course", "group": "staff-school", "role": "PVEVMUser"}
        assert ids(school, acl=[row]) == ["acl.give:/pool/course group staff-school PVEVMUser"]

    def test_realms_of_which_one_name_ends_the_other(self, school: AccessApi) -> None:
        realm = {"id": "my-school", "type": "ldap", "server1": "a", "base_dn": "dc=a", "user_attr": "uid"}
        assert "would take the groups of the realm my-school for its own" in refused(school, realms=[realm])

    def test_exclusive_leaves_what_is_synced(self, school: AccessApi) -> None:
        found = plan(school, exclusive=["users", "groups", "acl"], users=[{"id": "ann@pve"}])
        assert not found.refusals
        assert [step.id for step in found.steps] == []
        assert "stu01@school is not declared and stays: realm school is synced." in found.warnings


class TestExclusiveNeverTakesTheRightsOfTheRun:
    BEFORE = (
        "user:root@pam:1:0::::::\nuser:auto@pve:1:0::::::\ntoken:auto@pve!ci:0:1::\nuser:ann@pve:1:0::::::\n"
        "user:old@pve:1:0::::::\nuser:x@corp:1:0::::::\ngroup:ops:ann@pve,auto@pve::\ngroup:staff-corp:x@corp::\n"
        "acl:1:/:auto@pve!ci,@ops:Administrator:\nacl:1:/:@staff-corp:PVEAuditor:\nacl:1:/vms/100:old@pve:PVEVMUser:\n"
    )
    DOMAINS = "ldap: corp\n\tserver1 a\n\tbase_dn dc=a\n\tuser_attr uid\n"
    ENTRY = {"path": "/", "group": "ops", "role": "Administrator"}

    @pytest.fixture
    def corp(self, api: AccessApi) -> AccessApi:
        api.user_cfg = self.BEFORE
        api.domains_cfg = self.DOMAINS
        api.caller = "auto@pve!ci"
        return api

    def said(self, **more: Any) -> dict[str, Any]:
        return {
            "api": {"token_id": "auto@pve!ci", "token_secret": "x"},
            "exclusive": ["acl"],
            "acl": [self.ENTRY],
            **more,
        }

    def test_what_the_declaration_contradicts(self, corp: AccessApi) -> None:
        told = refused(
            corp,
            **self.said(
                groups=[{"id": "ops", "members": ["ann@pve"], "exclusive": True}],
                users=[{"id": "root@pam", "enable": False}],
            ),
        )
        assert "root@pam would be disabled (enable: false)" in told
        assert "This run speaks as auto@pve!ci, and would lose" in told
        assert "auto@pve would leave ops" in told

    def test_the_rest_goes_and_the_run_keeps_its_own(self, corp: AccessApi) -> None:
        found = plan(corp, **self.said())
        assert not found.refusals
        assert [step.id for step in found.steps] == ["acl.remove:/vms/100 user old@pve PVEVMUser"]
        told = "\n".join(found.warnings)
        assert "Administrator on / for the token auto@pve!ci is not declared and stays: the run itself." in told
        assert "PVEAuditor on / for the group staff-corp is not declared and stays: realm corp is synced." in told
        corp.perform(found)
        assert plan(corp, **self.said()).steps == ()

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"users": [{"id": "auto@pve", "enable": False}]}, "auto@pve would be disabled"),
            ({"users": [{"id": "auto@pve", "state": "absent"}]}, "auto@pve would be removed"),
            ({"users": [{"id": "auto@pve", "expire": "2030-01-01"}]}, "auto@pve would expire"),
            ({"tokens": [{"id": "auto@pve!ci", "state": "absent"}]}, "The token auto@pve!ci would be removed"),
            ({"tokens": [{"id": "auto@pve!ci", "rotate": True}]}, "would get another value"),
            (
                {"acl": [{**ENTRY, "state": "absent"}]},
                "Administrator on / for the group ops would be taken",
            ),
            ({"acl": [ENTRY, {"path": "/vms", "user": "auto@pve", "role": "PVEAuditor"}]}, "would lose"),
            ({"groups": [{"id": "ops", "state": "absent"}], "acl": []}, "the group ops would be removed"),
        ],
    )
    def test_nothing_else_locks_it_out(self, corp: AccessApi, more: dict[str, Any], expected: str) -> None:
        assert expected in refused(corp, **self.said(**more))

    def test_whoever_sees_little_takes_nothing_for_absent(self, corp: AccessApi) -> None:
        corp.user_cfg = self.BEFORE.replace("auto@pve!ci,@ops:Administrator", "auto@pve!ci,@ops:PVEUserAdmin")
        told = refused(corp, **self.said(users=[{"id": "new@pve", "password": "12345678"}]))
        seeing = [f"Sys.Audit on {path}" for path in ("/access", "/access/groups", "/access/realm")]
        assert f"auto@pve!ci lacks {', '.join(seeing)}, Pool.Audit on /pool: it would take" in told

    def test_a_role_that_gives_it_its_rights_stays(self, corp: AccessApi) -> None:
        row = "acl:1:/storage:auto@pve!ci,@ops:Most:\n"
        corp.user_cfg = f"role:Most:Datastore.Audit,Permissions.Modify:\n{self.BEFORE}{row}"
        told = refused(corp, **self.said(roles=[{"id": "Most", "state": "absent"}]))
        assert "would lose Datastore.Audit, Permissions.Modify on /storage: " in told
        assert "the role Most would lose Datastore.Audit, Permissions.Modify" in told

    def test_it_may_change_permissions_in_the_middle_of_the_run_too(self, corp: AccessApi) -> None:
        """What names the user himself replaces what his group gives, with the first entry of several."""
        corp.user_cfg = f"role:Aaa:VM.Audit:\nrole:Zzz:VM.Audit:\n{self.BEFORE}"
        rows = [{"path": "/", "user": "auto@pve", "role": role} for role in ("Aaa", "Administrator", "Zzz")]
        given = self.said(exclusive=[], acl=rows)
        corp.perform(plan(corp, **given))
        assert ids(corp, **given) == []
        taken = self.said(exclusive=[], acl=[{**row, "state": "absent"} for row in rows])
        corp.perform(plan(corp, **taken))
        assert "auto@pve:" not in corp.user_cfg.partition("acl:")[2]

    @pytest.mark.parametrize(
        "said", [{"roles": [{"id": "R", "privs": []}]}, {"exclusive": ["acl:/vms"]}, {"pools": [{"id": "p"}]}]
    )
    def test_whoever_does_not_see_the_users_changes_nothing(self, corp: AccessApi, said: dict[str, Any]) -> None:
        """Entries of others would be those of nobody, and the last administrator might be one of them."""
        privs = "Permissions.Modify,Realm.Allocate,Pool.Audit,Pool.Allocate,Sys.Modify,User.Modify"
        before = self.BEFORE.replace("auto@pve!ci,@ops:Administrator", "auto@pve!ci,@ops:Most")
        corp.user_cfg = before.replace("acl:", f"role:Most:{privs}:\nacl:", 1)
        assert "auto@pve!ci lacks Sys.Audit on /access, " in refused(corp, api=self.said()["api"], **said)

    def test_a_token_sets_no_password_later(self, corp: AccessApi) -> None:
        user = {"id": "ann@pve", "password": "12345678", "password_update": "always"}
        assert "An API token sets no password, so that of ann@pve cannot be set." in refused(
            corp, **self.said(users=[user])
        )


def test_the_last_administrator_stays(api: AccessApi) -> None:
    api.user_cfg = ANN + "acl:1:/:ann@pve:Administrator:\n"
    row = {"path": "/", "user": "ann@pve", "role": "Administrator", "state": "absent"}
    assert "Nobody but root@pam would be an administrator any more; now ann@pve" in refused(api, acl=[row])
    other = {"path": "/", "user": "bob@pve", "role": "Administrator"}
    assert ids(api, acl=[row, other], users=[{"id": "bob@pve"}])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"users": [{"id": "root@pam", "state": "absent"}]}, "root@pam cannot be removed"),
        ({"users": [{"id": "root@pam", "expire": "2030-01-01"}]}, "root@pam would expire"),
        ({"users": [{"id": "x@nosuch"}]}, "There is no realm nosuch for the user x@nosuch."),
        ({"users": [{"id": "x@pve", "groups": ["nosuch"]}]}, "in a group that there is not: nosuch"),
        ({"users": [{"id": "x@pve", "expire": "2020-01-01"}]}, "The user x@pve would expire at a time that is over."),
        ({"groups": [{"id": "g", "members": ["x@pve"]}]}, "Members of the group g that there are not: x@pve."),
        ({"acl": [{"path": "/", "user": "x@pve", "role": "NoAccess"}]}, "there is no such user"),
        ({"acl": [{"path": "/", "user": "ann@pve", "role": "Nosuch"}]}, "there is no such role"),
        ({"acl": [{"path": "/", "token": "ann@pve!t1", "role": "NoAccess"}]}, "there is no such token"),
        ({"tokens": [{"id": "x@pve!t1"}]}, "There is no user x@pve for the token x@pve!t1."),
        ({"pools": [{"id": "nosuch/x"}]}, "The pool nosuch/x is to be in nosuch, which there is not."),
        ({"pools": [{"id": "full", "state": "absent"}]}, "The pool full still holds guest 100."),
        ({"pools": [{"id": "other", "vms": [100]}]}, "The guest 100 is in the pool full, and not in other."),
        ({"pools": [{"id": "full", "vms": [999]}]}, "There is no guest 999 for the pool full."),
        (
            {"roles": [{"id": "Ops", "state": "absent"}]},
            "The role Ops is still given: Ops on /vms for the user ann@pve",
        ),
        ({"realms": [{"id": "corp", "type": "ldap", "state": "absent"}]}, "still has users: x@corp"),
        (
            {"realms": [{"id": "corp", "type": "ad", "server1": "a", "domain": "a"}]},
            "The realm corp is of the type ldap, and a realm keeps its type.",
        ),
    ],
)
def test_refused(api: AccessApi, said: dict[str, Any], expected: str) -> None:
    api.user_cfg = ANN + "user:x@corp:1:0::::::\npool:full::100::\nrole:Ops:VM.Audit:\nacl:1:/vms:ann@pve:Ops:\n"
    api.domains_cfg = "ldap: corp\n\tserver1 a\n\tbase_dn dc=a\n\tuser_attr uid\n"
    api.guests = {100: "full"}
    assert expected in refused(api, **said)


def test_all_refusals_come_at_once(api: AccessApi) -> None:
    found = plan(api, users=[{"id": "x@nosuch", "groups": ["nosuch"]}], pools=[{"id": "a/b"}])
    assert len(found.refusals) == 3


def test_an_end_that_was_declared_and_has_come_is_no_change(api: AccessApi) -> None:
    api.user_cfg = ANN.replace("ann@pve:1:0", "ann@pve:1:1577923200")
    assert ids(api, users=[{"id": "ann@pve", "expire": "2020-01-01"}]) == []


def test_a_file_that_is_there_without_its_token_is_not_overwritten(api: AccessApi, tmp_path: Any) -> None:
    api.user_cfg = ANN
    (tmp_path / "ann@pve!t1").write_text("of another cluster")
    assert "perhaps that is of another cluster" in refused(
        api, tokens=[{"id": "ann@pve!t1"}], token_folder=str(tmp_path)
    )


@pytest.mark.parametrize("pve", [7, 8])
def test_what_older_releases_cannot(on_release: Callable[[int], AccessApi], pve: int, tmp_path: Any) -> None:
    api = on_release(pve)
    api.user_cfg = ANN + "token:ann@pve!t1:0:0::\n"
    said: dict[str, Any] = {"tokens": [{"id": "ann@pve!t1", "rotate": True}], "token_folder": str(tmp_path)}
    told = refused(api, **said)
    assert f"Proxmox VE {pve} gives the token ann@pve!t1 no other value in place." in told
    assert "Declare it absent, run, remove its file, and declare it again" in told
    if pve == 7:
        assert "no pools inside pools" in refused(api, pools=[{"id": "a"}, {"id": "a/b"}])
