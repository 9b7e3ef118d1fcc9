# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API who there is, who may do what, and how people log in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional
from urllib.parse import quote

from ...engine.errors import Unreadable
from ...engine.reader import NODE, Reader
from ...model.access.access import (
    TEXTS,
    Access,
    DesiredAccess,
    Entry,
    Group,
    ObservedAccess,
    Pool,
    Realm,
    Token,
    User,
)
from ...model.access.names import BUILT_IN_REALMS, ROOT
from ...model.access.need import SEES_JOBS, Held, Need, missing
from ...model.access.privileges import Privileges, built_in_roles
from ...model.access.realms import DIRECTORIES, canonical, vanishing
from .release import observe as observe_release

_LISTS = ("/access/users?full=1", "/access/groups", "/access/roles", "/access/acl", "/access/domains", "/pools")
_GUESTS = "/cluster/resources?type=vm"
_SYNC_JOBS = 8


def observe(reader: Reader, desired: DesiredAccess, needs: frozenset[Need] = frozenset()) -> ObservedAccess:
    """``needs``: what the caller has to have for it; root@pam has all."""
    release = observe_release(reader)
    handed = frozenset(name for name, token in desired.tokens.items() if reader.entry(token.file) is not None)
    if release is None:
        return _nobody_yet(handed)
    held = None if desired.caller == ROOT else observe_rights(reader, {need.path for need in needs})
    if held is not None and missing(held, needs):
        return ObservedAccess(release, Access(), rights=held)  # what else he is shown is not all there is
    users, groups, roles, acl, realms, pools = reader.get_many(_LISTS)
    now = Access(
        users={row["userid"]: _user(row) for row in users},
        groups={row["groupid"]: Group(row.get("comment") or "") for row in groups},
        roles={row["roleid"]: _privileges(row) for row in roles if not _flag(row.get("special"))},
        tokens=_tokens(users),
        pools=_pools(reader, desired, release, pools),
        realms=_realms(reader, realms),
        acl={
            Entry(row["path"], row["type"], row["ugid"], row["roleid"]): _flag(row.get("propagate", 1)) for row in acl
        },
    )
    return ObservedAccess(
        release,
        now,
        built_in={row["roleid"]: _privileges(row) for row in roles if _flag(row.get("special"))},
        rights=held,
        handed=handed,
        past=_past(reader, desired, now),
        jobs=_jobs(reader, desired.caller, now, release),
        placed=_placed(reader) if desired.pools or "pools" in desired.exclusive else None,
    )


def _nobody_yet(handed: frozenset[str]) -> ObservedAccess:
    """What a node has as soon as Proxmox VE is installed."""
    realms = {name: Realm(name) for name in BUILT_IN_REALMS}
    return ObservedAccess(
        None, Access(users={ROOT: User()}, realms=realms), built_in=built_in_roles(9) or {}, handed=handed
    )


def observe_rights(reader: Reader, paths: Iterable[str], who: str = "") -> Mapping[str, Held]:
    """Path → what the caller, or another one, has there."""
    wanted = sorted(paths)
    of_whom = f"&userid={quote(who, safe='')}" if who else ""
    answers = reader.get_many([f"/access/permissions?path={quote(path, safe='')}{of_whom}" for path in wanted], NODE)
    return {
        path: {name: _flag(below) for name, below in (answer or {}).get(path, {}).items()}
        for path, answer in zip(wanted, answers)
    }


def _flag(value: Any) -> bool:
    """Truth as the API tells it: 1 or 0, as a number or as a text."""
    return bool(int(value or 0))


def _user(row: Mapping[str, Any]) -> User:
    texts = {name: row.get(name) or "" for name in TEXTS}
    groups = frozenset(word for word in (row.get("groups") or "").split(",") if word)
    return User(_flag(row.get("enable", 1)), int(row.get("expire") or 0), groups=groups, **texts)


def _tokens(users: Iterable[Mapping[str, Any]]) -> dict[str, Token]:
    found = {}
    for user in users:
        for row in user.get("tokens") or ():
            comment, expire = row.get("comment") or "", int(row.get("expire") or 0)
            found[f"{user['userid']}!{row['tokenid']}"] = Token(comment, expire, _flag(row.get("privsep", 1)))
    return found


def _privileges(row: Mapping[str, Any]) -> Privileges:
    return frozenset(word for word in (row.get("privs") or "").split(",") if word)


def _realms(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> dict[str, Realm]:
    """The list shows little of each."""
    wholes = reader.get_many([f"/access/domains/{quote(row['realm'], safe='')}" for row in rows])
    return {row["realm"]: Realm(row["type"], canonical(whole)) for row, whole in zip(rows, wholes)}


def _pools(reader: Reader, desired: DesiredAccess, release: int, rows: Iterable[Mapping[str, Any]]) -> dict[str, Pool]:
    """Members only of those that are declared, or that an exclusive scope may remove."""
    found = {row["poolid"]: Pool(row.get("comment") or "") for row in rows}
    every = "pools" in desired.exclusive
    asked = sorted(name for name in found if every or name in desired.pools)
    paths = [f"/pools/{quote(name)}" if release == 7 else f"/pools?poolid={quote(name, safe='')}" for name in asked]
    for name, answer in zip(asked, reader.get_many(paths)):
        whole = answer if release == 7 else answer[0]
        members = whole.get("members") or ()
        found[name] = Pool(
            whole.get("comment") or "",
            frozenset(int(row["vmid"]) for row in members if row["type"] != "storage"),
            frozenset(str(row["storage"]) for row in members if row["type"] == "storage"),
        )
    return found


def _jobs(reader: Reader, caller: str, now: Access, release: int) -> Optional[dict[str, frozenset[str]]]:
    """Since release 8 there are jobs that sync a realm, and each says itself what it removes."""
    found: dict[str, frozenset[str]] = {}
    if release < _SYNC_JOBS or not any(realm.type in DIRECTORIES for realm in now.realms.values()):
        return found
    if caller != ROOT and not SEES_JOBS.met(observe_rights(reader, [SEES_JOBS.path])[SEES_JOBS.path]):
        return None
    for row in reader.get("/cluster/jobs/realm-sync"):
        gone = vanishing({"remove-vanished": str(row.get("remove-vanished") or "")})
        found[row["realm"]] = found.get(row["realm"], frozenset()) | gone
    return found


def _placed(reader: Reader) -> dict[int, str]:
    return {int(row["vmid"]): row.get("pool") or "" for row in reader.get(_GUESTS)}


def _past(reader: Reader, desired: DesiredAccess, now: Access) -> frozenset[str]:
    """What is to expire anew, at a time that is over by a node's clock."""
    users = [(f"The user {name}", wish.fields, now.users.get(name)) for name, wish in desired.users.items()]
    tokens = [(f"The token {name}", wish.fields, now.tokens.get(name)) for name, wish in desired.tokens.items()]
    new = {
        what: int(fields["expire"])
        for what, fields, known in (*users, *tokens)
        if fields.get("expire") and (known is None or known.expire != fields["expire"])
    }
    if not new:
        return frozenset()
    clock = _clock(reader)
    return frozenset(what for what, expire in new.items() if expire <= clock)


def _clock(reader: Reader) -> int:
    told: Optional[dict[str, Any]] = reader.get("/nodes/localhost/time", NODE)
    if told is None:
        raise Unreadable("The node does not tell what time it is.")
    return int(told["time"])
