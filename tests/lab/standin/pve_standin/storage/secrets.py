"""Passwords and keys of storages that are kept apart from storage.cfg (types cifs, pbs and esxi)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from pve_standin.core import cfs, paths

FOLDER = paths.PRIV / "storage"


def password_file(name: str) -> Path:
    return FOLDER / f"{name}.pw"


def keep(name: str, secret: str) -> None:
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    cfs.cfs_write(password_file(name), f"{secret}\n", mode=0o600)


def forget(name: str) -> None:
    with suppress(FileNotFoundError):  # a storage without a password has none
        os.unlink(str(password_file(name)))
