"""Pools: creation with Proxmox VE's defaults, settings, status, destruction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from pve_standin.ceph import rados
from pve_standin.ceph.rados import CephError
from pve_standin.core.errors import ApiError
from pve_standin.storage import config, manage
from pve_standin.storage.backend import backend

DEFAULTS: Mapping[str, Any] = {
    "size": 3,
    "min_size": 2,
    "pg_num": 128,
    "application": "rbd",
    "pg_autoscale_mode": "warn",
}
SETTINGS = (
    "size",
    "application",
    "crush_rule",
    "min_size",
    "pg_autoscale_mode",
    "pg_num",
    "pg_num_min",
    "target_size",
    "target_size_ratio",
)
"""In the order they are applied: the size first, because changing it resets min_size."""

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

Say = Callable[[str], None]


def wanted_settings(params: Mapping[str, Any], defaults: Mapping[str, Any] = DEFAULTS) -> dict[str, Any]:
    """The settings of a new pool: what was asked for, over Proxmox VE's defaults."""
    merged = {**defaults, **{key: value for key, value in params.items() if value is not None}}
    return {key: merged[key] for key in SETTINGS if key in merged}


def monitor_value(key: str, value: Any) -> tuple[str, str]:
    """A setting as the monitors call it: (variable, value)."""
    if key == "target_size":
        text = str(value)
        unit = _UNITS.get(text[-1:], 1)
        number = float(text.rstrip("KMGT"))
        return "target_size_bytes", str(int(number * unit))
    return key, str(value)


def create(name: str, settings: Mapping[str, Any], erasure: dict[str, str] | None = None) -> None:
    """Create a pool and bring its settings to what is wanted."""
    kind = {"pool_type": "erasure", "erasure_code_profile": _erasure_profile(name, erasure)} if erasure else {}
    rados.mon("osd pool create", pool=name, pg_num=settings["pg_num"], **kind)
    apply(name, settings, lambda line: print(line, flush=True))


def _erasure_profile(name: str, erasure: dict[str, str]) -> str:
    if "profile" in erasure:
        return erasure["profile"]
    profile = f"pve_ec_{name}"
    values = [f"k={erasure['k']}", f"m={erasure['m']}"]
    values += [f"crush-failure-domain={erasure.get('failure-domain', 'host')}"]
    if "device-class" in erasure:
        values.append(f"crush-device-class={erasure['device-class']}")
    rados.mon("osd erasure-code-profile set", name=profile, profile=values)
    return profile


def apply(name: str, settings: Mapping[str, Any], say: Say) -> None:
    """Change what differs; every setting gets a line. The application is always enabled again."""
    current = values(name)
    failed: list[str] = []
    for key in (key for key in SETTINGS if key in settings):
        if key != "application" and str(current.get(key)) == str(settings[key]):
            say(f"skipping '{key}', did not change")
            continue
        say(f"pool {name}: applying {key} = {settings[key]}")
        try:
            _set(name, key, settings[key])
        except CephError as error:
            failed.append(f"{key}={settings[key]}: {error.reason}")
    if failed:
        raise ApiError(500, "Could not set: " + "; ".join(failed))


def _set(name: str, key: str, value: Any) -> None:
    if key == "application":
        rados.mon("osd pool application enable", pool=name, app=str(value), yes_i_really_mean_it=True)
        return
    variable, text = monitor_value(key, value)
    rados.mon("osd pool set", pool=name, var=variable, val=text, yes_i_really_mean_it=True)


def values(name: str) -> dict[str, Any]:
    """All settings of a pool as `ceph osd pool get` shows them."""
    return dict(rados.mon("osd pool get", pool=name, var="all"))


def details() -> list[dict[str, Any]]:
    return list(rados.mon("osd pool ls", detail="detail"))


def storages_of(name: str) -> list[str]:
    """The rbd storages of this cluster that use a pool."""
    return [
        storage_id
        for storage_id, storage in config.read().storages.items()
        if storage["type"] == "rbd" and not storage.get("monhost") and name in _pools_of(storage)
    ]


def _pools_of(storage: Mapping[str, Any]) -> list[str]:
    return [str(storage.get("pool", "rbd")), str(storage.get("data-pool", ""))]


def destroy(name: str, *, force: bool, remove_storages: bool, remove_profile: bool) -> None:
    """The worker of `pveceph pool destroy`."""
    storages = config.read().storages
    users = storages_of(name)
    for storage_id in [] if force else users:
        print(f"checking storage '{storage_id}' for RBD images..", flush=True)
        if backend(storage_id, storages[storage_id]).volumes():
            raise ApiError(500, f"ceph pool '{name}' still in use by storage '{storage_id}'")
    profile = values(name).get("erasure_code_profile") if remove_profile else None
    delete(name)
    if profile:
        rados.mon("osd erasure-code-profile rm", name=str(profile))
    for storage_id in users if remove_storages else []:
        manage.delete(storage_id)


def delete(name: str) -> None:
    rados.mon("osd pool delete", pool=name, pool2=name, yes_i_really_really_mean_it=True)


def add_storage(storage_id: str, name: str, data_pool: str | None = None) -> None:
    """The rbd storage that `add_storages` asks for."""
    options: dict[str, Any] = {"pool": name, "krbd": 0, "content": "rootdir,images"}
    if data_pool:
        options["data-pool"] = data_pool
    manage.create(storage_id, "rbd", options)
