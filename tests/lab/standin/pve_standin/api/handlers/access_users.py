"""/access/users: users and their API tokens."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import access, passwords, userdb, users
from pve_standin.core.errors import parameter_error

_TEXTS = ("firstname", "lastname", "email", "comment", "keys")
_REALMS = ("pam", "pve")


@method("GET", "/access/users")
def list_users(call: Call) -> list[dict[str, Any]]:
    """Those whom the caller may see, himself among them."""
    config, wanted = userdb.read(), ["User.Modify", "Sys.Audit"]
    every = access.holds(call.user, "/access/groups", wanted, any_of=True)
    groups = [name for name in config.groups if access.holds(call.user, f"/access/groups/{name}", wanted, any_of=True)]
    seen = {member for name in groups for member in config.groups[name].members} | {call.user.partition("!")[0]}
    enabled = call.params.get("enabled")
    return [
        _row(config, user, bool(call.params.get("full")))
        for name, user in sorted(config.users.items())
        if (every or name in seen) and enabled in (None, int(user.enable))
    ]


def _row(config: users.UserConfig, user: users.User, full: bool) -> dict[str, Any]:
    row = {"userid": user.userid, **_user(user)}
    realm = user.userid.rpartition("@")[2]
    if realm_type := realm if realm in _REALMS else _realm_type(realm):
        row["realm-type"] = realm_type
    if full:
        row["groups"] = ",".join(sorted(config.groups_of(user.userid)))
        row["tokens"] = _tokens(config, user.userid) or None
    return row


def _realm_type(realm: str) -> str:
    from pve_standin.api.handlers import access_domains

    found = access_domains.read().get(realm)
    return found.type if found else ""


def _user(user: users.User) -> dict[str, Any]:
    texts = {key: value for key in _TEXTS if (value := getattr(user, key)) is not None}
    return {"enable": int(user.enable), "expire": user.expire, **texts}


@method("GET", "/access/users/{userid}")
def get_user(call: Call) -> dict[str, Any]:
    config = userdb.read()
    user = userdb.existing_user(config, call.params["userid"])
    tokens = {row.pop("tokenid"): row for row in _tokens(config, user.userid)}
    return {**_user(user), "groups": sorted(config.groups_of(user.userid)), "tokens": tokens or None}


@method("POST", "/access/users", protected=True)
def create_user(call: Call) -> None:
    """Also in a realm that there is not."""
    userid = call.params["userid"]
    with userdb.changing("create user") as config:
        if userid in config.users:
            raise ApiError(500, f"user '{userid}' already exists")
        if "password" in call.params:
            passwords.store(userid, call.params["password"])
        config.users[userid] = users.User(userid)
        _change(config, call.params, append=True)


@method("PUT", "/access/users/{userid}", protected=True)
def update_user(call: Call) -> None:
    with userdb.changing("update user") as config:
        userdb.existing_user(config, call.params["userid"])
        _change(config, call.params, bool(call.params.get("append")))


def _change(config: users.UserConfig, params: dict[str, Any], append: bool) -> None:
    user = config.users[params["userid"]]
    user.enable = bool(params.get("enable", user.enable))
    user.expire = params.get("expire", user.expire)
    for name in _TEXTS:
        setattr(user, name, params.get(name, getattr(user, name)))
    if "groups" in params:
        _put_into(config, user.userid, split_list(params["groups"]), append)


def _put_into(config: users.UserConfig, userid: str, groups: Iterable[str], append: bool) -> None:
    if not append:
        for group in config.groups.values():
            group.members = [name for name in group.members if name != userid]
    for name in groups:
        if name not in config.groups:
            raise ApiError(500, f"no such group '{name}'")
        config.groups[name].members = [*(one for one in config.groups[name].members if one != userid), userid]


@method("DELETE", "/access/users/{userid}", protected=True)
def delete_user(call: Call) -> None:
    """What was never there, and root@pam, are deleted without a word; the secrets of tokens stay in their file."""
    userid = call.params["userid"]
    with userdb.changing("delete user") as config:
        if userid == users.ROOT or config.users.pop(userid, None) is None:
            return
        config.tokens = {name: one for name, one in config.tokens.items() if not name.startswith(f"{userid}!")}
        config.drop_entries(lambda entry: entry.who.partition("!")[0] == userid)
        _put_into(config, userid, (), append=False)
        passwords.forget(userid)


def _tokens(config: users.UserConfig, userid: str) -> list[dict[str, Any]]:
    found = config.tokens.items()
    return [{"tokenid": name.partition("!")[2], **_token(one)} for name, one in found if name.startswith(f"{userid}!")]


def _token(token: users.Token) -> dict[str, Any]:
    row: dict[str, Any] = {"expire": token.expire, "privsep": int(token.privsep)}
    return row if token.comment is None else {**row, "comment": token.comment}


@method("GET", "/access/users/{userid}/token")
def list_tokens(call: Call) -> list[dict[str, Any]]:
    return _tokens(userdb.read(), call.params["userid"])


@method("GET", "/access/users/{userid}/token/{tokenid}")
def read_token(call: Call) -> dict[str, Any]:
    return _token(_existing(userdb.read(), call))


def _existing(config: users.UserConfig, call: Call) -> users.Token:
    userid, name = call.params["userid"], call.params["tokenid"]
    userdb.existing_user(config, userid)
    if f"{userid}!{name}" not in config.tokens:
        raise ApiError(500, f"no such token '{name}' for user '{userid}'")
    return config.tokens[f"{userid}!{name}"]


@method("POST", "/access/users/{userid}/token/{tokenid}", protected=True)
def create_token(call: Call) -> dict[str, Any]:
    """The secret is shown this one time. ``info`` repeats what was given, as text."""
    full = f"{call.params['userid']}!{call.params['tokenid']}"
    known = userdb.read()
    userdb.existing_user(known, call.params["userid"])
    if full in known.tokens:
        raise parameter_error({"tokenid": "Token already exists."})
    with userdb.changing("generating token") as config:
        given = call.params
        config.tokens[full] = users.Token(
            full, given.get("expire", 0), bool(given.get("privsep", 1)), given.get("comment")
        )
        secret = _new_secret(full)
    info = {name: str(given[name]) for name in ("expire", "comment") if name in given}
    return {"full-tokenid": full, "value": secret, "info": {"privsep": str(given.get("privsep", 1)), **info}}


def _new_secret(full: str) -> str:
    secret = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
    userdb.write_secrets({**userdb.secrets(), full: secret})
    return secret


@method("PUT", "/access/users/{userid}/token/{tokenid}", protected=True)
def update_token(call: Call) -> dict[str, Any]:
    given, answer = call.params, {}
    _existing(userdb.read(), call)
    with userdb.changing("updating token") as config:
        token = _existing(config, call)
        token.expire = given.get("expire", token.expire)
        token.privsep = bool(given.get("privsep", token.privsep))
        token.comment = given.get("comment", token.comment)
        for name in split_list(given.get("delete", "")):
            setattr(token, name, None if name == "comment" else users.Token.__dataclass_fields__[name].default)
        if given.get("regenerate"):
            answer = {"full-tokenid": token.tokenid, "value": _new_secret(token.tokenid)}
    given_back = {"expire": str(given["expire"])} if "expire" in given else {}
    return {**_token(token), **given_back, **answer}


@method("DELETE", "/access/users/{userid}/token/{tokenid}", protected=True)
def delete_token(call: Call) -> None:
    """Entries for it stay in the access control list."""
    _existing(userdb.read(), call)
    with userdb.changing("removing token") as config:
        full = _existing(config, call).tokenid
        del config.tokens[full]
        held = userdb.secrets()
        held.pop(full, None)
        userdb.write_secrets(held)
