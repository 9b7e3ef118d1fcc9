"""How a storage reaches Ceph: its key file, the cluster's configuration, the arguments of Ceph's own tools."""

from __future__ import annotations

import configparser
import os
import sys
from contextlib import suppress
from pathlib import Path

from pve_standin.core import paths
from pve_standin.core.cfs import cfs_read, cfs_write
from pve_standin.core.errors import ApiError
from pve_standin.storage.config import Storage

ADMIN_KEYRING = paths.PRIV / "ceph.client.admin.keyring"
CEPH_CONF = paths.PVE / "ceph.conf"
KEY_FOLDER = paths.PRIV / "ceph"
SUFFIX = {"rbd": "keyring", "cephfs": "secret"}


def key_file(name: str, kind: str) -> Path:
    return KEY_FOLDER / f"{name}.{SUFFIX[kind]}"


def create_key_file(name: str, kind: str, secret: str | None) -> None:
    """Copy the given key, else the cluster's admin key, to where the storage looks for it."""
    target = key_file(name, kind)
    if target.exists() and secret is None:
        raise ApiError(500, f"ceph authx keyring file for storage '{name}' already exists!")
    keyring = secret if secret is not None else cfs_read(ADMIN_KEYRING)
    if keyring is None:
        print(f"{ADMIN_KEYRING} not found, authentication is disabled.", file=sys.stderr, flush=True)
        return
    KEY_FOLDER.mkdir(mode=0o700, exist_ok=True)
    cfs_write(target, keyring if kind == "rbd" else secret_of(keyring), mode=0o600)


def remove_key_file(name: str, kind: str) -> None:
    with suppress(FileNotFoundError):  # a storage without authentication has none
        os.unlink(str(key_file(name, kind)))


def secret_of(keyring: str) -> str:
    """The bare key of a keyring file; a text that is no keyring is the key itself."""
    if "[" not in keyring:
        return keyring
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string("\n".join(line.strip() for line in keyring.splitlines()))
    return parser[parser.sections()[0]]["key"] + "\n"


def monitor_hosts(storage: Storage) -> str:
    return ",".join(str(storage.get("monhost", "")).replace(";", " ").replace(",", " ").split())


def connection(name: str, storage: Storage) -> list[str]:
    """The arguments of Ceph's own programs that lead to the storage's cluster."""
    where = ["-m", monitor_hosts(storage)] if storage.get("monhost") else ["-c", str(CEPH_CONF)]
    where += ["-n", f"client.{storage.get('username', 'admin')}"]
    keyring = key_file(name, "rbd")
    return where + (["--keyring", str(keyring)] if keyring.exists() else [])


def rados_settings(name: str, storage: Storage) -> tuple[str, dict[str, str]]:
    """The same for a connection by librados: user and settings."""
    settings = {"mon_host": monitor_hosts(storage)} if storage.get("monhost") else {}
    keyring = key_file(name, "rbd")
    if keyring.exists():
        settings["keyring"] = str(keyring)
    return str(storage.get("username", "admin")), settings
