"""/access: logging in, users, tokens and the access control list."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

from pve_standin.api import registry
from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import paths, users
from pve_standin.core.cfs import cfs_lock, cfs_read, cfs_write

FAILURE_DELAY = 3


@method("GET", "/access")
def index(call: Call) -> list[dict[str, str]]:
    return [{"subdir": name} for name in registry.children("/access")]


@method("GET", "/access/ticket")
def get_ticket(call: Call) -> None:
    """Only there so that clients may ask for it."""


@method("POST", "/access/ticket", protected=True)
def create_ticket(call: Call) -> dict[str, Any]:
    from pve_standin.core import ticket

    name = call.params["username"]
    user = name if "@" in name else f"{name}@{call.params.get('realm', 'pam')}"
    if not login_valid(user, call.params["password"]):
        time.sleep(FAILURE_DELAY)
        raise ApiError(401, "authentication failure")
    answer: dict[str, Any] = {
        "username": user,
        "ticket": ticket.assemble_ticket(user),
        "CSRFPreventionToken": ticket.assemble_csrf(user),
        "cap": {},
    }
    cluster_name = _cluster_name()
    return {**answer, "clustername": cluster_name} if cluster_name else answer


def login_valid(user: str, secret: str) -> bool:
    """A password, or a ticket that is still valid."""
    from pve_standin.core import password, ticket

    known = users.parse(cfs_read(paths.USER_CFG) or "").users.get(user)
    if known is None or not known.enable or (known.expire and known.expire < time.time()):
        return False
    if secret.startswith("PVE:"):
        return ticket.verify_ticket(secret) == user
    name, _, realm = user.rpartition("@")
    return realm == "pam" and password.verify(name, secret)


def _cluster_name() -> str:
    from pve_standin.cluster import corosync_conf, membership

    return str(corosync_conf.totem(membership.read_conf()).get("cluster_name", ""))


@method("GET", "/access/domains")
def domains(call: Call) -> list[dict[str, str]]:
    return [
        {"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
        {"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server"},
    ]


@method("GET", "/access/users")
def list_users(call: Call) -> list[dict[str, Any]]:
    return [_user_row(user) for user in _config().users.values()]


@method("GET", "/access/users/{userid}")
def get_user(call: Call) -> dict[str, Any]:
    user = _existing_user(_config(), call.params["userid"])
    return {key: value for key, value in _user_row(user).items() if key not in ("userid", "realm-type")}


@method("POST", "/access/users", protected=True)
def create_user(call: Call) -> None:
    userid = call.params["userid"]
    with cfs_lock("file-user_cfg"):
        config = _config()
        if userid in config.users:
            raise ApiError(500, f"create user failed: user '{userid}' already exists")
        config.users[userid] = users.User(
            userid,
            bool(call.params.get("enable", 1)),
            call.params.get("expire", 0),
            call.params.get("email", ""),
            call.params.get("comment", ""),
        )
        _save(config)


@method("DELETE", "/access/users/{userid}", protected=True)
def delete_user(call: Call) -> None:
    userid = call.params["userid"]
    with cfs_lock("file-user_cfg"):
        config = _config()
        _existing_user(config, userid)
        del config.users[userid]
        config.tokens = {name: one for name, one in config.tokens.items() if not name.startswith(f"{userid}!")}
        config.acl = {path: [one for one in rows if one.who != userid] for path, rows in config.acl.items()}
        _save(config)


@method("GET", "/access/users/{userid}/token")
def list_tokens(call: Call) -> list[dict[str, Any]]:
    prefix = f"{call.params['userid']}!"
    tokens = _config().tokens.items()
    return [{"tokenid": name[len(prefix) :], **_token_row(one)} for name, one in tokens if name.startswith(prefix)]


@method("POST", "/access/users/{userid}/token/{tokenid}", protected=True)
def create_token(call: Call) -> dict[str, Any]:
    """The secret is shown this one time."""
    full = f"{call.params['userid']}!{call.params['tokenid']}"
    with cfs_lock("file-user_cfg"):
        config = _config()
        _existing_user(config, call.params["userid"])
        if full in config.tokens:
            raise ApiError(400, "Parameter verification failed.", {"tokenid": "Token already exists."})
        token = users.Token(
            full, call.params.get("expire", 0), bool(call.params.get("privsep", 1)), call.params.get("comment", "")
        )
        config.tokens[full] = token
        secret = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        held = users.parse_secrets(cfs_read(paths.TOKEN_CFG) or "")
        cfs_write(paths.TOKEN_CFG, users.dump_secrets({**held, full: secret}))
        _save(config)
    return {"full-tokenid": full, "value": secret, "info": _token_row(token)}


@method("DELETE", "/access/users/{userid}/token/{tokenid}", protected=True)
def delete_token(call: Call) -> None:
    full = f"{call.params['userid']}!{call.params['tokenid']}"
    with cfs_lock("file-user_cfg"):
        config = _config()
        if config.tokens.pop(full, None) is None:
            raise ApiError(500, f"no such token '{call.params['tokenid']}' for user '{call.params['userid']}'")
        held = users.parse_secrets(cfs_read(paths.TOKEN_CFG) or "")
        held.pop(full, None)
        cfs_write(paths.TOKEN_CFG, users.dump_secrets(held))
        _save(config)


@method("GET", "/access/acl")
def read_acl(call: Call) -> list[dict[str, Any]]:
    rows = []
    for path, entries in _config().acl.items():
        for entry in entries:
            kind = "token" if "!" in entry.who else "group" if entry.who.startswith("@") else "user"
            rows.append(
                {
                    "path": path,
                    "type": kind,
                    "ugid": entry.who.lstrip("@"),
                    "roleid": entry.role,
                    "propagate": int(entry.propagate),
                }
            )
    return rows


@method("PUT", "/access/acl", protected=True)
def update_acl(call: Call) -> None:
    holders = [*split_list(call.params.get("users", "")), *split_list(call.params.get("tokens", ""))]
    roles = split_list(call.params["roles"])
    with cfs_lock("file-user_cfg"):
        config = _config()
        entries = config.acl.setdefault(call.params["path"], [])
        entries[:] = [one for one in entries if not (one.who in holders and one.role in roles)]
        if not call.params.get("delete"):
            propagate = bool(call.params.get("propagate", 1))
            entries += [users.AclEntry(who, role, propagate) for who in holders for role in roles]
        _save(config)


def _config() -> users.UserConfig:
    return users.parse(cfs_read(paths.USER_CFG) or "")


def _save(config: users.UserConfig) -> None:
    cfs_write(paths.USER_CFG, users.dump(config))


def _existing_user(config: users.UserConfig, userid: str) -> users.User:
    if userid not in config.users:
        raise ApiError(500, f"no such user ('{userid}')")
    return config.users[userid]


def _user_row(user: users.User) -> dict[str, Any]:
    row: dict[str, Any] = {
        "userid": user.userid,
        "enable": int(user.enable),
        "expire": user.expire,
        "realm-type": user.userid.rpartition("@")[2],
    }
    for key, value in (("email", user.email), ("comment", user.comment)):
        if value:
            row[key] = value
    return row


def _token_row(token: users.Token) -> dict[str, Any]:
    row: dict[str, Any] = {"expire": token.expire, "privsep": int(token.privsep)}
    return {**row, "comment": token.comment} if token.comment else row
