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
FAILED = "Authentication failed!"


class Unauthenticated(ApiError):
    """Nobody who may ask; the reason goes into the daemon's journal, and the caller learns nothing of it."""

    def __init__(self, told: str = FAILED) -> None:
        super().__init__(401, told)


class Headers(Protocol):
    """What is needed of a request's headers."""

    def get(self, name: str, /) -> str | None: ...


def authenticate(headers: Headers, verb: str, definition: Mapping[str, Any]) -> str:
    """The caller ('root@pam', 'root@pam!token'), or a 401. Methods open to the world need none."""
    if definition.get("permissions", {}).get("user") == "world":
        return NOBODY
    cookie = re.search(r"(?:^|;\s*)PVEAuthCookie=([^;]+)", headers.get("Cookie") or "")
    if cookie:
        return _check_ticket(unquote(cookie.group(1)), verb, headers)
    token = re.match(r"PVEAPIToken=(?P<rest>.*)", headers.get("Authorization") or "")
    if token is None:
        raise Unauthenticated("No ticket")
    return _check_token(token.group("rest"))


def shows_ticket(headers: Headers) -> bool:
    return "PVEAuthCookie=" in (headers.get("Cookie") or "")


def _check_ticket(shown: str, verb: str, headers: Headers) -> str:
    user = ticket.verify_ticket(shown)
    if user is None:
        raise Unauthenticated
    _check_user(user)
    if verb != "GET" and not ticket.verify_csrf(user, headers.get("CSRFPreventionToken") or ""):
        raise Unauthenticated("Permission denied - invalid csrf token")
    return user


def _check_token(shown: str) -> str:
    token_id, dummy, secret = shown.partition("=")
    token = users.parse(cfs_read(paths.USER_CFG) or "").tokens.get(token_id)
    known = users.parse_secrets(cfs_read(paths.TOKEN_CFG) or "").get(token_id, "")
    over = token is None or (token.expire and token.expire < time.time())
    if over or not known or not hmac.compare_digest(known, secret):
        raise Unauthenticated
    _check_user(token_id.partition("!")[0])
    return token_id


def _check_user(name: str) -> None:
    user = users.parse(cfs_read(paths.USER_CFG) or "").users.get(name)
    if user is None or not user.enable or (user.expire and user.expire < time.time()):
        raise Unauthenticated
