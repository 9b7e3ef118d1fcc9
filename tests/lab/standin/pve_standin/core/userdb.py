"""Reading and changing the user database, as the handlers below /access and /pools do it: one change at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pve_standin.core import paths, users
from pve_standin.core.cfs import cfs_lock, cfs_read, cfs_write
from pve_standin.core.errors import ApiError


def read() -> users.UserConfig:
    return users.parse(cfs_read(paths.USER_CFG) or "")


@contextmanager
def changing(what: str) -> Iterator[users.UserConfig]:
    """The database, to be written at the end. Whatever goes wrong is told with ``what`` before it, as a failure."""
    with cfs_lock("file-user_cfg"):
        config = read()
        try:
            yield config
        except ApiError as error:
            lines = "".join(f"\n{name}: {why}" for name, why in error.errors.items())
            code = "" if error.code == 500 else f"{error.code} "
            raise ApiError(500, f"{what} failed: {code}{error.message}{lines}") from error
        cfs_write(paths.USER_CFG, users.dump(config))


def existing_user(config: users.UserConfig, userid: str) -> users.User:
    if userid not in config.users:
        raise ApiError(500, f"no such user ('{userid}')")
    return config.users[userid]


def secrets() -> dict[str, str]:
    return users.parse_secrets(cfs_read(paths.TOKEN_CFG) or "")


def write_secrets(held: dict[str, str]) -> None:
    cfs_write(paths.TOKEN_CFG, users.dump_secrets(held))
