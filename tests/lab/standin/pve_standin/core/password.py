"""Checking a system user's password against /etc/shadow (what PAM's unix module does)."""

from __future__ import annotations

import ctypes
import hmac
from pathlib import Path

SHADOW = Path("/etc/shadow")


def verify(user: str, password: str) -> bool:
    stored = _stored_hash(user)
    if not stored or stored[0] in "!*":
        return False
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    computed = library.crypt(password.encode(), stored.encode())
    return computed is not None and hmac.compare_digest(computed, stored.encode())


def _stored_hash(user: str) -> str | None:
    for line in SHADOW.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if name == user:
            return rest.partition(":")[0]
    return None
