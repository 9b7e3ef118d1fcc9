"""Users, groups, roles, realms, pools and rights: what a real cluster was asked, in its order, and what it answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from loopback import places
from pve_standin.api import registry
from pve_standin.api.handlers import access as access_handler
from pve_standin.api.handlers import access_domains
from pve_standin.core import paths, release, userdb, users
from pve_standin.core.errors import ApiError
from pve_standin.pmxcfs import control

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"
#: What is recorded of users, groups, roles, the access control list and realms, from 313 on.
ACCESS = sorted(
    path.stem
    for path in TRANSCRIPTS.glob("3[123]*-access-*.json")
    if path.stem >= "313" and not path.stem.startswith("339ae")
)
POOLS = sorted(path.stem for path in TRANSCRIPTS.glob("3[456]*-pools-*.json"))
#: Not to be known beforehand.
VARYING = ("ticket", "value", "digest")
#: What is told of guests and storages is another subject's; here it is only who may see a pool.
MEMBERS = "members"


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An API without a network: its files are in a folder."""
    for name, place in places(tmp_path).items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setattr(release, "OS_RELEASE", tmp_path / "os-release")
    (tmp_path / "os-release").write_text("VERSION_CODENAME=trixie\n", encoding="utf-8")
    release.current.cache_clear()
    monkeypatch.setattr(control, "published", lambda key: {})
    monkeypatch.setattr(access_handler, "FAILURE_DELAY", 0)
    paths.PRIV.mkdir(parents=True)
    (paths.PVE / ".members").write_text(json.dumps({"nodename": "pve1", "version": 1}), encoding="utf-8")
    return tmp_path


def played(recorded: dict[str, Any]) -> dict[str, Any]:
    """The answer to the same call: status, and the document."""
    caller = recorded["auth"].removeprefix("ticket of ").removeprefix("API token ")
    path = recorded["path"].removeprefix("/api2/json")
    try:
        data = registry.call(recorded["method"], path, dict(recorded["params"]), user=caller)
        return {"status": 200, "body": {"data": data}}
    except ApiError as error:
        body: dict[str, Any] = {"data": None, "message": error.message.rstrip("\n") + "\n"}
        return {"status": error.code, "body": {**body, "errors": error.errors} if error.errors else body}


def alike(value: Any) -> Any:
    """Without the order of rows, which is that of a hash there, and without what is another one each time."""
    if isinstance(value, list):
        return sorted((alike(one) for one in value), key=repr)
    if isinstance(value, dict):
        return {key: "..." if key in VARYING else alike(one) for key, one in sorted(value.items()) if key != MEMBERS}
    if isinstance(value, str) and re.fullmatch(r"[^\n]*,[^\n]*", value):
        return sorted(value.split(","))
    return value


def play(names: list[str]) -> dict[str, tuple[Any, Any]]:
    """Name -> what was recorded and what is answered here, where they differ."""
    differing = {}
    for name in names:
        recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))
        told = played(recorded)
        known = {"status": recorded["status"], "body": recorded["body"]}
        if alike(known) != alike(told):
            differing[name] = (known, told)
    return differing


def differing(names: list[str]) -> str:
    return "\n".join(f"{name}:\n  real: {known}\n  here: {told}" for name, (known, told) in play(names).items())


def test_users_groups_roles_realms_and_the_list(node: Path) -> None:
    assert len(ACCESS) > 80
    assert differing(ACCESS) == ""


BEFORE_POOLS = """user:root@pam:1:0::::the one::
user:out@pve:1:0::::::
user:stu07@pve:1:0::::::
group:courseg:stu07@pve::
role:Student:Pool.Audit,VM.Audit,VM.Console,VM.GuestAgent.Audit,VM.PowerMgmt,VM.Snapshot.Rollback:
acl:1:/pool/course:@courseg:PVEAuditor:
acl:1:/pool/course/stu01:stu07@pve:Student:
"""
#: A token that makes the guests of a course: as it was when 369cr to 369dd were recorded.
FLEET = """user:root@pam:1:0::::::
user:fleet@pve:1:0::::::
token:fleet@pve!tok:0:1::
user:out@pve:1:0::::::
user:stu07@pve:1:0::::::
group:courseg:stu07@pve::
pool:course:Kurs A:::
pool:course/stu01::::
role:Fleet:Pool.Allocate,Pool.Audit,VM.Allocate,VM.Audit,VM.Console,VM.GuestAgent.Audit,VM.PowerMgmt,VM.Snapshot.Rollback:
role:UserAdm:Realm.AllocateUser,User.Modify:
role:Student:Pool.Audit,VM.Audit,VM.Console,VM.GuestAgent.Audit,VM.PowerMgmt,VM.Snapshot.Rollback:
acl:1:/pool/course:fleet@pve,fleet@pve!tok:Fleet:
"""
DELEGATED = """acl:1:/access/groups/courseg:fleet@pve,fleet@pve!tok:UserAdm:
acl:1:/access/realm/pve:fleet@pve,fleet@pve!tok:UserAdm:
"""
#: The rights of four users, by group, by guest, by pool; ``where`` differs from trial to trial.
TRIALS = """user:root@pam:1:0::::::
user:ev1@pve:1:0::::::
user:ev2@pve:1:0::::::
user:ev3@pve:1:0::::::
user:ev4@pve:1:0::::::
group:evg:ev1@pve::
pool:evp::405::
pool:evp/sub::406::
role:Few:VM.Audit:
acl:1:/vms:@evg:PVEVMAdmin:
"""
BY_POOL = "acl:1:/vms/405:ev2@pve:Few:\nacl:1:/pool/evp:ev2@pve:PVEVMUser:\n"


def test_pools(node: Path) -> None:
    paths.USER_CFG.write_text(BEFORE_POOLS, encoding="utf-8")
    names = [name for name in POOLS if name < "369ap"]
    assert len(names) > 30
    assert differing(names) == ""


def test_a_token_hands_on_no_more_than_it_has(node: Path) -> None:
    paths.USER_CFG.write_text(FLEET, encoding="utf-8")
    names = [name for name in POOLS if "369cr" <= name < "369dm"]
    before = [name for name in names if name < "369cw"]
    assert differing(before) == ""
    paths.USER_CFG.write_text(FLEET + DELEGATED, encoding="utf-8")
    assert differing([name for name in names if name not in before]) == ""


@pytest.mark.parametrize(
    ("trial", "given"),
    [
        ("369dm", ""),
        ("369dn", "acl:1:/vms/402:ev1@pve:Few:"),
        ("369do", "acl:1:/vms/402:ev1@pve:Few:"),
        ("369dp", "acl:1:/vms/403:ev1@pve:PVEVMUser:\nacl:1:/vms/403:@evg:PVEVMAdmin:"),
        ("369dq", "acl:1:/vms/404:ev1@pve:NoAccess,PVEVMAdmin:"),
        ("369dr", BY_POOL),
        ("369ds", BY_POOL + "acl:1:/vms/405:ev2@pve:NoAccess:"),
        ("369dt", BY_POOL + "acl:1:/pool/evp:ev2@pve:NoAccess:"),
        ("369du", "acl:0:/:ev3@pve:PVEAdmin:"),
        ("369dv", "acl:0:/:ev3@pve:PVEAdmin:"),
        ("369dw", "acl:1:/pool/evp:ev4@pve:PVEVMUser:"),
        ("369dx", "acl:1:/pool/evp:ev4@pve:PVEVMUser:"),
    ],
)
def test_who_has_which_rights(node: Path, trial: str, given: str) -> None:
    """Whoever is nearer replaces, pools add, NoAccess wins."""
    paths.USER_CFG.write_text(TRIALS + given + "\n", encoding="utf-8")
    assert differing([name for name in POOLS if name.startswith(trial)]) == ""


def test_what_upstream_only_warns_of_is_lost_with_the_next_write_but_rights_of_nobody_stay(node: Path) -> None:
    """As recorded (339ey, 339ez)."""
    broken = "role:Bad:VM.Audit,VM.Nosuch:\npool:dupl::405:\nuser:broken line\nacl:1:/vms/1:nosuch@pve:PVEVMUser:\n"
    paths.USER_CFG.write_text(TRIALS + broken, encoding="utf-8")
    registry.call("PUT", "/access/users/ev1@pve", {"comment": "x"})
    kept = [line for line in paths.USER_CFG.read_text().splitlines() if re.search("Bad|dupl|broken|nosuch", line)]
    assert kept == ["pool:dupl::::", "role:Bad:VM.Audit:", "acl:1:/vms/1:nosuch@pve:PVEVMUser:"]


def test_the_secret_of_a_token_stays_in_its_file_when_its_user_is_deleted(node: Path) -> None:
    """As recorded (339da)."""
    registry.call("POST", "/access/users", {"userid": "stu04@pve"})
    registry.call("POST", "/access/users/stu04@pve/token/t1", {})
    registry.call("DELETE", "/access/users/stu04@pve", {})
    assert set(userdb.secrets()) == {"stu04@pve!t1"}
    assert users.dump(userdb.read()).startswith("user:root@pam:1:0::::::\n")


def test_a_sync_takes_every_group_that_ends_like_its_realm(node: Path) -> None:
    """As upstream's $update_groups does: also that of a realm whose name ends so, and an administrator's."""
    paths.USER_CFG.write_text(
        "user:ann@pve:1:0::::::\nuser:stu01@school:1:0::::::\nuser:t1@old-school:1:0::::::\n"
        "group:staff-school:ann@pve,stu01@school:synced:\ngroup:teachers-school:ann@pve:ours:\n"
        "group:staff-old-school:t1@old-school:synced:\nacl:1:/pool/course:@teachers-school:PVEVMAdmin:\n"
    )
    config = userdb.read()
    access_domains._take_over(
        config, "school", {"users": ["stu01"], "groups": {"staff": ["stu01"]}}, "both", {"entry", "acl", "properties"}
    )
    assert {name: group.members for name, group in config.groups.items()} == {"staff-school": ["stu01@school"]}
    assert config.acl == {}
