"""Tickets: a user name and a time, signed with the cluster's key; and the token that protects writes by cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import subprocess
import tempfile
import time

from pve_standin.core import paths
from pve_standin.core.errors import ApiError

LIFETIME = 2 * 3600
CLOCK_SKEW = 300

_TICKET = re.compile(r"(PVE:(?P<user>[^:]+@[^:]+):(?P<time>[0-9A-F]{8}))::(?P<signature>[A-Za-z0-9+/=]+)")


def assemble_ticket(user: str) -> str:
    plain = f"PVE:{user}:{int(time.time()):08X}"
    signed = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", str(paths.AUTH_KEY)],
        input=plain.encode(),
        capture_output=True,
    )
    if signed.returncode != 0:
        raise ApiError(500, f"unable to sign ticket: {signed.stderr.decode().strip()}")
    return f"{plain}::{base64.b64encode(signed.stdout).decode()}"


def verify_ticket(ticket: str) -> str | None:
    """The user a valid ticket belongs to, None otherwise."""
    matched = _TICKET.fullmatch(ticket)
    if not matched:
        return None
    age = time.time() - int(matched.group("time"), 16)
    if not -CLOCK_SKEW < age < LIFETIME or not _signature_ok(matched.group(1), matched.group("signature")):
        return None
    return matched.group("user")


def _signature_ok(plain: str, signature: str) -> bool:
    with tempfile.NamedTemporaryFile() as signature_file:
        try:
            signature_file.write(base64.b64decode(signature))
        except ValueError:
            return False
        signature_file.flush()
        checked = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", str(paths.AUTH_PUB), "-signature", signature_file.name],
            input=plain.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return checked.returncode == 0


def assemble_csrf(user: str, when: float | None = None) -> str:
    stamp = f"{int(time.time() if when is None else when):08X}"
    key = paths.WWW_KEY.read_bytes()
    digest = hmac.new(key, f"{stamp}:{user}".encode(), hashlib.sha256).digest()
    return f"{stamp}:{base64.b64encode(digest).decode().rstrip('=')}"


def verify_csrf(user: str, token: str) -> bool:
    stamp, colon, _ = token.partition(":")
    if not colon or not re.fullmatch(r"[0-9A-F]{8}", stamp):
        return False
    when = int(stamp, 16)
    return -CLOCK_SKEW < time.time() - when < LIFETIME and hmac.compare_digest(token, assemble_csrf(user, when))
