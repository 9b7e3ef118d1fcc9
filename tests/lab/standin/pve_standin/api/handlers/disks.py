"""/nodes/{node}/disks: the disks of a node."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.ceph.osd import block_device
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.storage import disks


@method("GET", "/nodes/{node}/disks")
def index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in ("list", "initgpt", "wipedisk")]


@method("GET", "/nodes/{node}/disks/list", protected=True)
def listing(call: Call) -> list[dict[str, Any]]:
    found = disks.listing()
    wanted = call.params.get("type")
    if wanted == "unused":
        return [disk for disk in found if not disk.get("used")]
    if wanted == "journal_disks":
        return [disk for disk in found if disk["osdid"] < 0 and (not disk.get("used") or disk["gpt"])]
    return found


@method("PUT", "/nodes/{node}/disks/wipedisk", protected=True)
def wipe(call: Call) -> str:
    device = block_device(call.params["disk"])
    return call.fork_worker("wipedisk", device, lambda: disks.wipe(device))


@method("POST", "/nodes/{node}/disks/initgpt", protected=True)
def init_gpt(call: Call) -> str:
    device = block_device(call.params["disk"])
    view = disks.by_device(device)
    if view is None or view.get("used"):
        raise ApiError(500, f"disk {device} already in use")
    return call.fork_worker("diskinit", device, lambda: _partition(call, device))


def _partition(call: Call, device: str) -> None:
    done = run(["/sbin/sgdisk", device, "-U", call.params.get("uuid", "R")])
    call.log(done.stdout.strip())
