"""Who sent a request: ticket cookie (writes need the CSRF token too) or API token."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from pve_standin.core import paths, ticket, users
from pve_standin.core.cfs import cfs_read
from pve_standin.core.errors import ApiError

NOBODY = ""


class Headers(Protocol):
    """What is needed of a request's headers."""

    def get(self, name: str, /) -> str | None: ...


def authenticate(headers: Headers, verb: str, definition: Mapping[str, Any]) -> str:
    """The caller ('root@pam', 'root@pam!token'), or a 401. Methods open to the world need none."""
    if definition.get("permissions", {}).get("user") == "world":
        return NOBODY
    token = re.fullmatch(r"PVEAPIToken=(?P<id>[^=]+)=(?P<secret>\S+)", headers.get("Authorization") or "")
    if token:
        return _check_token(token.group("id"), token.group("secret"))
    cookie = re.search(r"(?:^|;\s*)PVEAuthCookie=([^;]+)", headers.get("Cookie") or "")
    if not cookie:
        raise ApiError(401, "No ticket")
    user = ticket.verify_ticket(unquote(cookie.group(1)))
    if user is None:
        raise ApiError(401, "permission denied - invalid PVE ticket")
    if verb != "GET" and not ticket.verify_csrf(user, headers.get("CSRFPreventionToken") or ""):
        raise ApiError(401, "Permission denied - invalid csrf token")
    _check_user(user)
    return user


def _check_token(token_id: str, secret: str) -> str:
    config = users.parse(cfs_read(paths.USER_CFG) or "")
    token = config.tokens.get(token_id)
    known = users.parse_secrets(cfs_read(paths.TOKEN_CFG) or "").get(token_id, "")
    if token is None:
        raise ApiError(401, f"no such token '{token_id.partition('!')[2]}' for user '{token_id.partition('!')[0]}'")
    if token.expire and token.expire < time.time():
        raise ApiError(401, f"token '{token_id}' access expired")
    if not known or not hmac.compare_digest(known, secret):
        raise ApiError(401, "invalid token value!")
    _check_user(token_id.partition("!")[0])
    return token_id


def _check_user(name: str) -> None:
    user = users.parse(cfs_read(paths.USER_CFG) or "").users.get(name)
    if user is None or not user.enable or (user.expire and user.expire < time.time()):
        raise ApiError(401, f"user '{name}' is disabled or does not exist")
