"""Jobs that sync a realm say themselves what they remove, whatever the realm says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pve_standin.core import paths

from ....doubles.access_api import AccessApi, plan

DOMAINS = "ldap: school\n\tserver1 a\n\tbase_dn dc=a\n\tuser_attr uid\n"
JOB = "realm-sync: nightly\n\trealm school\n\tschedule daily\n\tscope both\n\tremove-vanished {gone}\n\n"
OTHER: dict[str, Any] = {"id": "my-school", "type": "ldap", "server1": "a", "base_dn": "dc=a", "user_attr": "uid"}


def school(api: AccessApi, gone: str) -> AccessApi:
    api.user_cfg = "user:root@pam:1:0::::::\nuser:stu01@school:1:0::::::\n"
    api.domains_cfg = DOMAINS
    (paths.PVE / "jobs.cfg").write_text(JOB.format(gone=gone) if gone else "", encoding="utf-8")
    return api


@pytest.mark.parametrize("gone", ["", "acl;entry"])
def test_a_job_that_removes_takes_the_groups_of_another_realm(api: AccessApi, gone: str) -> None:
    told = [str(one) for one in plan(school(api, gone), realms=[OTHER]).refusals]
    assert any("would take the groups of the realm my-school for its own" in one for one in told) == bool(gone)


@pytest.mark.parametrize(("gone", "warned"), [("", False), ("acl;entry", False), ("entry;properties", True)])
def test_an_end_that_the_next_sync_removes_is_told(api: AccessApi, gone: str, warned: bool) -> None:
    said = {"users": [{"id": "stu01@school", "expire": "2099-02-28"}]}
    told = plan(school(api, gone), **said).warnings
    text = "stu01@school is to expire, and the next sync of the realm school removes that again (properties)."
    assert (text in told) == warned


def test_release_7_has_no_such_jobs(on_release: Callable[[int], AccessApi]) -> None:
    found = plan(school(on_release(7), "properties"), users=[{"id": "stu01@school", "expire": "2099-02-28"}])
    assert found.steps and not found.warnings


@pytest.mark.parametrize("sees", [True, False])
def test_whoever_may_not_see_the_jobs_is_told_so_and_nothing_is_taken_for_none(api: AccessApi, sees: bool) -> None:
    """The path of the jobs asks for a right on all, which is not needed for the rest."""
    token = "user:auto@pve:1:0::::::\ntoken:auto@pve!ci:0:0::\n"
    paths_seen = "/" if sees else "/access"
    acl = f"acl:1:{paths_seen}:auto@pve:Sees:\nacl:1:/pool:auto@pve:Sees:\nacl:1:/access/realm:auto@pve:Gives:\n"
    roles = "role:Sees:Sys.Audit,Pool.Audit:\nrole:Gives:Sys.Audit,Realm.Allocate:\n"
    school(api, "").user_cfg = f"user:root@pam:1:0::::::\n{token}\n{roles}\n{acl}"
    api.caller = "auto@pve!ci"
    found = plan(api, realms=[OTHER], api={"token_id": "auto@pve!ci", "token_secret": "x"})
    told = [str(one) for one in found.refusals]
    assert any("would take the groups of the realm my-school for its own" in one for one in told) != sees, told
    unseen = "auto@pve!ci lacks Sys.Audit on /: which jobs sync the realms is not seen"
    assert any(one.startswith(unseen) for one in found.warnings) != sees
