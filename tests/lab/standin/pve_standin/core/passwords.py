"""Passwords by realm: of pam they are the system's, of pve those in priv/shadow.cfg. Other realms are far away."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from pve_standin.core import password, paths
from pve_standin.core.cfs import cfs_lock, cfs_read, cfs_write
from pve_standin.core.errors import ApiError


def verify(userid: str, secret: str) -> bool:
    name, _, realm = userid.rpartition("@")
    if realm == "pam":
        return password.verify(name, secret)
    salt, _, known = _stored().get(name, "").partition("$")
    return realm == "pve" and bool(known) and hmac.compare_digest(known, _hashed(salt, secret))


def store(userid: str, secret: str) -> None:
    name, _, realm = userid.rpartition("@")
    if realm != "pve":
        raise ApiError(500, f"can't change the password of realm '{realm}' here")
    with cfs_lock("file-shadow_cfg"):
        salt = secrets.token_hex(8)
        _write({**_stored(), name: f"{salt}${_hashed(salt, secret)}"})


def forget(userid: str) -> None:
    name, _, realm = userid.rpartition("@")
    held = _stored()
    if realm == "pve" and held.pop(name, None) is not None:
        _write(held)


def _stored() -> dict[str, str]:
    lines = (cfs_read(paths.SHADOW_CFG) or "").splitlines()
    return {name: rest.rstrip(":") for name, _, rest in (line.partition(":") for line in lines) if rest}


def _write(held: dict[str, str]) -> None:
    cfs_write(paths.SHADOW_CFG, "".join(f"{name}:{value}:\n" for name, value in sorted(held.items())))


def _hashed(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()
