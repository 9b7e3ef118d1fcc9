"""Who has which privileges: as a real cluster answered, and as the stand-in does, which is held to that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.access import (
    Access,
    Entry,
    Holder,
    Token,
    User,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.names import canonical_path
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.need import Need, missing
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.privileges import built_in_roles, privileges
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.rights import Rights
from hypothesis import given
from hypothesis import strategies as st
from pve_standin.core import privileges as standin_privileges
from pve_standin.core import rights as standin_rights
from pve_standin.core import users

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"
ROLES = built_in_roles(9) or {}
FEW = {"Few": frozenset(("VM.Audit",))}


def recorded(number: str) -> dict[str, Any]:
    (path,) = TRANSCRIPTS.glob(f"{number}-*.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def state(acl: Mapping[Entry, bool]) -> Access:
    people = {f"ev{number}@pve": User() for number in (2, 3, 4)}
    return Access(users={"ev1@pve": User(groups=frozenset(("evg",))), **people}, roles=FEW, acl=acl)


GROUP = {Entry("/vms", "group", "evg", "PVEVMAdmin"): True}


@pytest.mark.parametrize(
    ("trial", "acl"),
    [
        ("369dm", GROUP),
        ("369dn", {**GROUP, Entry("/vms/402", "user", "ev1@pve", "Few"): True}),
        ("369do", {**GROUP, Entry("/vms/402", "user", "ev1@pve", "Few"): True}),
        (
            "369dp",
            {
                **GROUP,
                Entry("/vms/403", "user", "ev1@pve", "PVEVMUser"): True,
                Entry("/vms/403", "group", "evg", "PVEVMAdmin"): True,
            },
        ),
        (
            "369dq",
            {
                Entry("/vms/404", "user", "ev1@pve", "NoAccess"): True,
                Entry("/vms/404", "user", "ev1@pve", "PVEVMAdmin"): True,
            },
        ),
        ("369du", {Entry("/", "user", "ev3@pve", "PVEAdmin"): False}),
        ("369dv", {Entry("/", "user", "ev3@pve", "PVEAdmin"): False}),
        ("369dx", {Entry("/pool/evp", "user", "ev4@pve", "PVEVMUser"): True}),
    ],
)
def test_as_a_real_cluster_answered(trial: str, acl: Mapping[Entry, bool]) -> None:
    asked = recorded(trial)
    path, who = asked["params"]["path"], asked["params"]["userid"]
    shown = {name: bool(below) for name, below in asked["body"]["data"][path].items()}
    assert Rights(state(acl), ROLES).on(who, path) == shown


def test_built_in_roles_are_those_of_a_real_cluster() -> None:
    rows = recorded("339av")["body"]["data"]
    shown = {row["roleid"]: frozenset(filter(None, row["privs"].split(","))) for row in rows if row["special"]}
    assert shown == ROLES
    assert privileges(9) == shown["Administrator"]


@pytest.mark.parametrize("pve", [7, 8, 9])
def test_privileges_of_older_releases(pve: int) -> None:
    """As the stand-in composes them of upstream's groups."""
    assert privileges(pve) == standin_privileges._roles(str(pve))["Administrator"]
    table = built_in_roles(pve)
    assert table is None or {name: set(held) for name, held in table.items()} == standin_privileges._roles(str(pve))


def test_a_token_with_privilege_separation_has_no_more_than_its_user() -> None:
    entries = {
        Entry("/", "user", "ann@pve", "PVEAuditor"): True,
        Entry("/", "token", "ann@pve!some", "PVEVMAdmin"): True,
    }
    tokens = {"ann@pve!some": Token(), "ann@pve!full": Token(privsep=False), "ann@pve!none": Token()}
    rights = Rights(Access(users={"ann@pve": User()}, tokens=tokens, acl=entries), ROLES)
    assert set(rights.on("ann@pve!some", "/vms/1")) == {"VM.Audit", "VM.GuestAgent.Audit"}
    assert rights.on("ann@pve!full", "/vms/1") == rights.on("ann@pve", "/vms/1")
    assert rights.on("ann@pve!none", "/vms/1") == {}
    assert rights.on("ann@pve!gone", "/vms/1") == {}


PATHS = ("/", "/vms", "/vms/100", "/pool/a", "/pool/a/b", "/access/groups/g")
HOLDERS = ("ann@pve", "bob@pve", "@g", "ann@pve!t1", "bob@pve!t2")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(PATHS),
            st.sampled_from(HOLDERS),
            st.sampled_from(["PVEAuditor", "PVEVMUser", "Few", "NoAccess", "Administrator"]),
            st.booleans(),
        )
    ),
    st.booleans(),
)
def test_the_same_as_the_stand_in_for_any_list(rows: list[tuple[str, str, str, bool]], enabled: bool) -> None:
    text = (
        f"user:ann@pve:{int(enabled)}:0::::::\ntoken:ann@pve!t1:0:1::\nuser:bob@pve:1:0::::::\n"
        "token:bob@pve!t2:0:0::\ngroup:g:ann@pve,bob@pve::\nrole:Few:VM.Audit:\n"
    )
    unique = {row[:3]: row for row in rows}.values()
    config = users.parse(text)
    acl: dict[Entry, bool] = {}
    for path, who, role, below in unique:
        config.acl.setdefault(path, []).append(users.AclEntry(who, role, below))
        kind: Holder = "group" if who.startswith("@") else "token" if "!" in who else "user"
        acl[Entry(path, kind, who.lstrip("@"), role)] = below
    people = {name: User(groups=frozenset("g")) for name in ("ann@pve", "bob@pve")}
    people["ann@pve"] = User(enable=enabled, groups=frozenset("g"))
    tokens = {"ann@pve!t1": Token(), "bob@pve!t2": Token(privsep=False)}
    rights = Rights(Access(users=people, tokens=tokens, roles=FEW, acl=acl), ROLES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standin_privileges, "built_in", lambda: standin_privileges._roles("9"))
        for who in ("ann@pve", "bob@pve", "ann@pve!t1", "bob@pve!t2", "root@pam"):
            for path in (*PATHS, "/vms/200", "/pool/a/b/c"):
                assert rights.on(who, path) == standin_rights.privileges(config, who, path), (who, path)


@pytest.mark.parametrize(
    ("spelled", "path"),
    [
        ("vms/100/", "/vms/100"),
        ("/", "/"),
        ("", "/"),
        ("//pool//a/b", "/pool/a/b"),
        ("/pool/a/b/c/d", None),
        ("/vms/1", None),
        ("/sdn/zones/localnetwork/vmbr0/12", "/sdn/zones/localnetwork/vmbr0/12"),
        ("/nosuch/x", None),
    ],
)
def test_a_path_has_one_spelling(spelled: str, path: str | None) -> None:
    assert canonical_path(spelled) == path


def test_what_is_missing_is_told_with_its_path() -> None:
    shown = {"/": {"Sys.Audit": False}, "/vms": {}}
    needs = [Need("/vms", "VM.Audit"), Need("/", "Sys.Audit"), Need("/", "Sys.Audit", below=False)]
    assert missing(shown, needs) == [Need("/", "Sys.Audit"), Need("/vms", "VM.Audit")]
