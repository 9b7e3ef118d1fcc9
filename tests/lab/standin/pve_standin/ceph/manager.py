"""Managers: create and destroy."""

from __future__ import annotations

import shutil

from pve_standin.ceph import rados, services, tools
from pve_standin.core.errors import ApiError

_CAPABILITIES = ["mon", "allow profile mgr", "osd", "allow *", "mds", "allow *"]


def create(mgrid: str) -> None:
    """The worker of `pveceph mgr create`; also the last step of the first monitor."""
    folder = tools.daemon_dir("mgr", mgrid)
    if folder.exists():
        raise ApiError(500, f"ceph manager directory '{folder}' already exists")
    print(f"creating manager directory '{folder}'", flush=True)
    folder.mkdir(parents=True)
    print(f"creating keys for 'mgr.{mgrid}'", flush=True)
    keyring = rados.mon_text("auth get-or-create", entity=f"mgr.{mgrid}", caps=_CAPABILITIES)
    (folder / "keyring").write_text(keyring, encoding="utf-8")
    print("setting owner for directory", flush=True)
    tools.own(folder)
    print(f"enabling service '{services.unit('mgr', mgrid)}'", flush=True)
    services.enable("mgr", mgrid)
    print(f"starting service '{services.unit('mgr', mgrid)}'", flush=True)
    services.start("mgr", mgrid)


def destroy(mgrid: str) -> None:
    """The worker of `pveceph mgr destroy`."""
    folder = tools.daemon_dir("mgr", mgrid)
    if not folder.exists():
        raise ApiError(500, f"ceph manager directory '{folder}' not found", errno=2)
    print(f"disabling service '{services.unit('mgr', mgrid)}'", flush=True)
    services.stop_and_disable("mgr", mgrid)
    print(f"removing manager directory '{folder}'", flush=True)
    shutil.rmtree(str(folder))
    print(f"deleting keys of 'mgr.{mgrid}'", flush=True)
    rados.mon("auth del", entity=f"mgr.{mgrid}")
