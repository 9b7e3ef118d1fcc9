"""What contradicts itself is invalid before anybody is asked; what a release does not know is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid

from ....doubles.access_api import AccessApi, params, plan

LDAP = {"id": "school", "type": "ldap", "server1": "a", "base_dn": "dc=a", "user_attr": "uid"}
ANN = "user:root@pam:1:0::::::\nuser:ann@pve:1:0::::::\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"roles": [{"id": "pveStudent", "privs": ["VM.Audit"]}]}, "Role pveStudent: .*PVE"),
        ({"roles": [{"id": "Administrator", "privs": []}]}, "built-in"),
        ({"roles": [{"id": "Ops", "privs": ["VM.Nosuch"]}]}, "no release of Proxmox VE knows the privilege VM.Nosuch"),
        ({"roles": [{"id": "Ops"}]}, "say either privs or preset"),
        ({"users": [{"id": False}]}, "False is not a text.*quotes"),
        ({"users": [{"id": "no-realm"}]}, "NAME@REALM"),
        ({"users": [{"id": "a@pve", "groups": [3667]}]}, "3667 is not a text.*quotes"),
        ({"users": [{"id": "a@pve", "expire": 0}]}, "expire cannot be 0.*never"),
        ({"users": [{"id": "a@pve", "expire": "soon"}]}, "expire cannot be 'soon'"),
        ({"users": [{"id": "a@pve", "password": "short"}]}, "shorter than 8"),
        ({"users": [{"id": "a@pam", "password": "long enough"}]}, "only users of the realm pve have a password"),
        ({"users": [{"id": "a@pve", "password_update": "always"}]}, "there is no password"),
        ({"users": [{"id": "a@pve", "comment": "two\nlines"}]}, "control character"),
        ({"users": [{"id": "a@pve"}, {"id": "a@pve"}]}, "The user a@pve is listed twice"),
        ({"acl": [{"path": "/nosuch/x", "user": "a@pve", "role": "NoAccess"}]}, "no path on which"),
        ({"acl": [{"path": "/", "role": "NoAccess"}]}, "say one of user, group, token"),
        (
            {
                "acl": [
                    {"path": "/vms", "user": "a@pve", "role": "R"},
                    {"path": "vms/", "user": "a@pve", "role": "R", "propagate": False},
                ]
            },
            "listed twice",
        ),
        ({"pools": [{"id": "course/2026001"}]}, "each beginning with a letter"),
        ({"tokens": [{"id": "a@pve"}]}, "USER@REALM!NAME"),
        (
            {"tokens": [{"id": f"a@pve!{name}", "file": "/x/t"} for name in ("t1", "t2")]},
            "The token file /x/t is listed twice",
        ),
        ({"exclusive": ["everything"]}, "nothing that can be exclusive"),
        ({"exclusive": ["acl:/nosuch"]}, "nothing that can be exclusive"),
        ({"realms": [{"id": "pve2", "type": "pve"}]}, "built in"),
        ({"realms": [{"id": "pam", "type": "pam", "state": "absent"}]}, "built in"),
        ({"realms": [{"id": "a1", "type": "ldap"}]}, "the type ldap needs base_dn, server1, user_attr"),
        ({"realms": [{"id": "a1", "type": "openid", "server1": "x"}]}, "has no option server1"),
        (
            {"realms": [{**LDAP, "sync": True, "sync_defaults": {"scope": "groups"}}]},
            "Realm school: a sync is made until the realm has users.*users or both",
        ),
        ({"realms": [{**LDAP, "sync": True}]}, "Realm school: a sync is made until the realm has users.*users or both"),
        (
            {"realms": [{"id": "pam", "type": "pam", "default": True}, {"id": "pve", "type": "pve", "default": True}]},
            "cannot both be the default",
        ),
        ({"automation": {"id": "guests", "pools": ["2026"]}}, "Each begins with a letter"),
    ],
)
def test_invalid_before_anybody_is_asked(api: AccessApi, said: dict[str, Any], expected: str) -> None:
    api.caller = "nobody@pve"
    with pytest.raises(Invalid) as caught:
        plan(api, **said)
    assert re.search(expected, caught.value.as_result()["msg"])


def test_defaults_are_those_of_the_manuals() -> None:
    assert params(acl=[{"path": "/", "user": "a@pve", "role": "R"}])["acl"][0]["propagate"] is True


class TestRolesAndReleases:
    def test_what_a_line_adds_to_a_built_in_role_is_told(self, api: AccessApi) -> None:
        api.user_cfg = ANN + "role:PVEAuditor:Sys.Modify,Permissions.Modify:\nrole:PVESDNUser:SDN.Allocate:\n"
        told = "\n".join(plan(api, users=[{"id": "ann@pve"}]).warnings)
        assert "PVEAuditor has Permissions.Modify, Sys.Modify, which is not built in" in told
        assert "PVESDNUser has SDN.Allocate" in told
        assert "restart pvedaemon and pveproxy on every node" in told

    @pytest.mark.parametrize(("pve", "left_out"), [(9, "VM.Monitor"), (8, "VM.GuestAgent.Audit")])
    def test_a_privilege_of_another_release_is_left_out_and_told(
        self, on_release: Callable[[int], AccessApi], pve: int, left_out: str
    ) -> None:
        api = on_release(pve)
        said = {"roles": [{"id": "Ops", "privs": ["VM.Audit", "VM.Monitor", "VM.GuestAgent.Audit"]}]}
        found = plan(api, **said)
        assert found.warnings == (f"The role Ops is made without {left_out}, which Proxmox VE {pve} does not know.",)
        api.perform(found)
        assert plan(api, **said).steps == ()

    @pytest.mark.parametrize(
        ("pve", "given"), [(9, "VM.GuestAgent.FileRead, VM.GuestAgent.FileWrite"), (8, "VM.Backup")]
    )
    def test_what_pvevmuser_gives_away_is_told(
        self, on_release: Callable[[int], AccessApi], pve: int, given: str
    ) -> None:
        api = on_release(pve)
        api.user_cfg = ANN
        (told,) = plan(api, acl=[{"path": "/vms/100", "user": "ann@pve", "role": "PVEVMUser"}]).warnings
        assert f"PVEVMUser gives ann@pve more than the use of a guest: {given}" in told
        assert "preset: student" in told
