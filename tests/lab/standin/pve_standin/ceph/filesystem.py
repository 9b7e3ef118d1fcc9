"""CephFS: a file system with its two pools."""

from __future__ import annotations

import time
from typing import Any

from pve_standin.ceph import metadata_server, pool, rados
from pve_standin.core.errors import ApiError
from pve_standin.storage import config, manage

MIN_METADATA_PGS = 8
ACTIVE_TIMEOUT = 10


def listing() -> list[dict[str, Any]]:
    return [
        {"name": entry["name"], "metadata_pool": entry["metadata_pool"], "data_pool": entry["data_pools"][0]}
        for entry in rados.mon("fs ls")
    ]


def check_new(name: str) -> None:
    states = metadata_server.states()
    if not states:
        raise ApiError(500, "no running Metadata Server (MDS) found!")
    if not any(entry["state"] == "up:standby" for entry in states.values()):
        raise ApiError(500, "no standby Metadata Server (MDS) found!")
    existing = rados.mon("osd pool ls")
    if f"{name}_data" in existing or f"{name}_metadata" in existing:
        raise ApiError(500, f"ceph pools '{name}_data' and/or '{name}_metadata' already exist")
    if any(entry["name"] == name for entry in listing()):
        raise ApiError(500, f"ceph fs '{name}' already exists")


def metadata_pgs(pg_num: int) -> int:
    """A quarter of the data pool's, but not less than eight."""
    return max(MIN_METADATA_PGS, pg_num // 4) if pg_num >= 32 else MIN_METADATA_PGS


def create(name: str, pg_num: int, add_storage: bool) -> None:
    """The worker of `pveceph fs create`."""
    print(f"creating data pool '{name}_data'...", flush=True)
    pool.create(f"{name}_data", {"application": "cephfs", "pg_num": pg_num})
    print(f"creating metadata pool '{name}_metadata'...", flush=True)
    pool.create(f"{name}_metadata", {"pg_num": metadata_pgs(pg_num)})
    print(f"configuring new CephFS '{name}'", flush=True)
    rados.mon("fs new", fs_name=name, metadata=f"{name}_metadata", data=f"{name}_data")
    print(f"Successfully create CephFS '{name}'", flush=True)
    if add_storage:
        _wait_for_active(name)
        print(f"Adding '{name}' to storage configuration...", flush=True)
        manage.create(name, "cephfs", {"content": "backup,iso,vztmpl", "fs-name": name})


def _wait_for_active(name: str) -> None:
    print("Waiting for an MDS to become active", flush=True)
    deadline = time.monotonic() + ACTIVE_TIMEOUT
    while time.monotonic() < deadline:
        states = metadata_server.states().values()
        if any(entry["fs_name"] == name and entry["state"] == "up:active" for entry in states):
            return
        time.sleep(1)
    raise ApiError(500, "Need MDS to add storage, but none got active!")


def check_destroy(name: str) -> None:
    if not any(entry["name"] == name for entry in listing()):
        raise ApiError(500, f"no such cephfs '{name}'")
    for storage_id in storages_of(name):
        if not config.read().storages[storage_id].get("disable"):
            raise ApiError(
                500, f"storage '{storage_id}' is not disabled, make sure to disable and unmount the storage first"
            )


def destroy(name: str, *, remove_storages: bool, remove_pools: bool) -> None:
    """The worker of `pveceph fs destroy`."""
    used = next(entry for entry in rados.mon("fs ls") if entry["name"] == name)
    for storage_id in storages_of(name) if remove_storages else []:
        manage.delete(storage_id)
    rados.mon("fs fail", fs_name=name)
    rados.mon("fs rm", fs_name=name, yes_i_really_mean_it=True)
    for pool_name in [used["metadata_pool"], *used["data_pools"]] if remove_pools else []:
        pool.delete(pool_name)


def storages_of(name: str) -> list[str]:
    """The cephfs storages of this cluster that show a file system; without fs-name it is the only one."""
    only = [entry["name"] for entry in listing()] == [name]
    return [
        storage_id
        for storage_id, storage in config.read().storages.items()
        if storage["type"] == "cephfs"
        and not storage.get("monhost")
        and (storage.get("fs-name") == name or (only and "fs-name" not in storage))
    ]
