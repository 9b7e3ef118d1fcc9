"""Metadata servers: create, destroy, and which of them are ready for a new file system."""

from __future__ import annotations

import shutil
from typing import Any

from pve_standin.ceph import conf, rados, services, tools
from pve_standin.core.errors import ApiError

_CAPABILITIES = ["mon", "allow profile mds", "osd", "allow rwx", "mds", "allow *"]


def check_new(name: str) -> None:
    if name[:1].isdigit():
        raise ApiError(500, "ID of the MDS cannot start with a number!")
    if name in conf.read().daemons("mds"):
        raise ApiError(500, f"MDS '{name}' already referenced in ceph config, abort!")


def create(name: str) -> None:
    """The worker of `pveceph mds create`."""
    check_new(name)
    folder = tools.daemon_dir("mds", name)
    if folder.exists():
        raise ApiError(500, f"ceph MDS directory '{folder}' already exists")
    print(f"creating MDS directory '{folder}'", flush=True)
    folder.mkdir(parents=True)
    with conf.locked():
        current = conf.read()
        current.section("mds")["keyring"] = f"{tools.STATE}/mds/ceph-$id/keyring"
        current.section(f"mds.{name}")["host"] = tools.node()
        conf.write(current)
    print(f"creating keys for 'mds.{name}'", flush=True)
    keyring = rados.mon_text("auth get-or-create", entity=f"mds.{name}", caps=_CAPABILITIES)
    (folder / "keyring").write_text(keyring, encoding="utf-8")
    print("setting ceph as owner for service directory", flush=True)
    tools.own(folder)
    print(f"enabling service '{services.unit('mds', name)}'", flush=True)
    services.enable("mds", name)
    print(f"starting service '{services.unit('mds', name)}'", flush=True)
    services.start("mds", name)


def destroy(name: str) -> None:
    """The worker of `pveceph mds destroy`."""
    with conf.locked():
        current = conf.read()
        current.drop(f"mds.{name}")
        conf.write(current)
    print(f"disabling service '{services.unit('mds', name)}'", flush=True)
    services.stop_and_disable("mds", name)
    folder = tools.daemon_dir("mds", name)
    if folder.exists():
        print(f"removing MDS directory '{folder}'", flush=True)
        shutil.rmtree(str(folder))
    else:
        print(f"MDS directory '{folder}' does not exist", flush=True)
    print(f"removing ceph auth for 'mds.{name}'", flush=True)
    rados.mon("auth del", entity=f"mds.{name}")


def states() -> dict[str, dict[str, Any]]:
    """Every metadata server the monitors know, by name: state, address, rank and its file system's name."""
    status = rados.mon("fs dump")
    found = {entry["name"]: _state(entry, None) for entry in status.get("standbys", [])}
    for filesystem in status.get("filesystems", []):
        mdsmap = filesystem["mdsmap"]
        for entry in mdsmap["info"].values():
            found[entry["name"]] = _state(entry, mdsmap["fs_name"])
    return found


def _state(entry: dict[str, Any], fs_name: Any) -> dict[str, Any]:
    return {
        "addr": entry["addr"],
        "rank": entry["rank"],
        "standby_replay": 1 if entry.get("standby_replay") else 0,
        "state": entry["state"],
        "fs_name": fs_name,
    }
