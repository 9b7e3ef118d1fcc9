"""What machines and containers answer alike: pending changes, copies, snapshots, sizes."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.guest import cloudinit, config, container, copies, machine, pending, permits, seed, volumes
from pve_standin.guest.config import Config

_PREFIX = {"qemu": "qm", "lxc": "vz"}


def kept(kind: str, vmid: int) -> Config:
    """As GET config shows it: with what is pending, and a description as each kind has it."""
    return told(kind, pending.whole(vmid, kind))


def told(kind: str, found: Config) -> Config:
    if kind == "qemu" and "description" in found:
        return {**found, "description": str(found["description"]).rstrip()}
    return found


def _rows(kind: str, vmid: int) -> list[dict[str, Any]]:
    now, later = told(kind, config.read(vmid, None, kind)), kept(kind, vmid)
    waiting, _ = pending.read(vmid, kind)
    rows = []
    for key in sorted({*now, *later}):
        row: dict[str, Any] = {"key": key}
        if key in now:
            row["value"] = now[key]
        if key in waiting:
            row["pending"] = later[key]
        if key not in later:
            row["delete"] = 1
        rows.append(row)
    return rows


def _read(call: Call, kind: str) -> Config:
    """The answer to GET config."""
    vmid, name = call.params["vmid"], call.params.get("snapshot")
    if name:
        if name not in config.section_names(vmid, kind):
            raise ApiError(500, f"snapshot '{name}' does not exist")
        return told(kind, config.read_section(vmid, name, kind))
    return told(kind, config.read(vmid, None, kind)) if call.params.get("current") else kept(kind, vmid)


def _grow(call: Call, kind: str) -> str:
    vmid, key = call.params["vmid"], call.params["disk"]
    current = config.read(vmid, None, kind)
    if kind == "lxc":
        config.check_lock(current, kind)

    def work() -> None:
        found = config.read(vmid, None, kind)
        config.check_lock(found, kind)
        if key not in found:
            raise ApiError(500, f"disk '{key}' does not exist")
        found[key] = volumes.grow(str(found[key]), call.params["size"], equal_is_wrong=kind == "lxc")
        config.write(vmid, found, kind=kind)

    return call.fork_worker("resize", str(vmid), work)


def _clone(call: Call, kind: str) -> str:
    cfs.check_quorum(2)
    vmid = call.params["vmid"]
    copies.check_clone(kind, vmid, call.params)
    permits.clone(call, config.read(vmid, None, kind), kind)
    return call.fork_worker(f"{_PREFIX[kind]}clone", str(vmid), lambda: copies.clone(kind, vmid, call.params))


def _snapshot(call: Call, kind: str) -> str:
    vmid, name = call.params["vmid"], call.params["snapname"]
    if name in ("current", "pending"):
        raise ApiError(500, f"unable to use snapshot name '{name}' (reserved name)")
    text = call.params.get("description", "")
    return call.fork_worker(f"{_PREFIX[kind]}snapshot", str(vmid), lambda: copies.snapshot(kind, vmid, name, text))


def _forget(call: Call, kind: str) -> str:
    vmid, name = call.params["vmid"], call.params["snapname"]
    return call.fork_worker(f"{_PREFIX[kind]}delsnapshot", str(vmid), lambda: copies.forget(kind, vmid, name))


def _roll_back(call: Call, kind: str) -> str:
    """What a rollback is refused for, its task finds out."""
    vmid, name = call.params["vmid"], call.params["snapname"]

    def work() -> None:
        copies.roll_back(kind, vmid, name)
        if call.params.get("start"):
            (machine if kind == "qemu" else container).start(vmid)

    return call.fork_worker(f"{_PREFIX[kind]}rollback", str(vmid), work)


def _register(kind: str) -> None:
    one = f"/nodes/{{node}}/{kind}/{{vmid}}"
    method("GET", f"{one}/config")(lambda call: _read(call, kind))
    method("GET", f"{one}/pending")(lambda call: _rows(kind, call.params["vmid"]))
    method("PUT", f"{one}/resize", protected=True)(lambda call: _grow(call, kind))
    method("POST", f"{one}/clone", protected=True)(lambda call: _clone(call, kind))
    method("GET", f"{one}/snapshot")(lambda call: copies.snapshots(kind, call.params["vmid"]))
    method("POST", f"{one}/snapshot", protected=True)(lambda call: _snapshot(call, kind))
    method("DELETE", f"{one}/snapshot/{{snapname}}", protected=True)(lambda call: _forget(call, kind))
    method("POST", f"{one}/snapshot/{{snapname}}/rollback", protected=True)(lambda call: _roll_back(call, kind))


_register("qemu")
_register("lxc")


@method("GET", "/nodes/{node}/qemu/{vmid}/cloudinit")
def cloud_init(call: Call) -> list[dict[str, Any]]:
    return cloudinit.differences(call.params["vmid"])


@method("PUT", "/nodes/{node}/qemu/{vmid}/cloudinit", protected=True)
def make_drive(call: Call) -> None:
    cloudinit.generate(call.params["vmid"])


@method("GET", "/nodes/{node}/qemu/{vmid}/cloudinit/dump")
def dump(call: Call) -> str:
    vmid = call.params["vmid"]
    found = pending.whole(vmid, "qemu")
    user, network = cloudinit.user_data(vmid, found), seed.network_data(found)
    return {"user": user, "network": network, "meta": seed.meta_data(user, network)}[call.params["type"]]
