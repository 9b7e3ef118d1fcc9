"""/nodes/{node}/storage and /nodes/{node}/scan: storages as one node sees them, their volumes, and servers to come."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.core import access
from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.storage import config, manage, scan, status
from pve_standin.storage.volumes import Volume, size_in_kib, split_volid

STORAGE = "/nodes/{node}/storage/{storage}"


@method("GET", "/nodes/{node}/storage", protected=True)
def index(call: Call) -> list[dict[str, Any]]:
    return status.listing(
        storage=call.params.get("storage"),
        content=call.params.get("content"),
        enabled=bool(call.params.get("enabled")),
        target=call.params.get("target"),
    )


@method("GET", STORAGE)
def children(call: Call) -> list[dict[str, str]]:
    config.read().get(call.params["storage"])
    return [{"subdir": name} for name in ("content", "download-url", "status", "upload")]


@method("GET", STORAGE + "/status", protected=True)
def one_status(call: Call) -> dict[str, Any]:
    view = status.listing(storage=call.params["storage"])[0]
    del view["storage"]
    view.pop("used_fraction", None)
    return view


@method("GET", STORAGE + "/content", protected=True)
def contents(call: Call) -> list[dict[str, Any]]:
    chosen = manage.usable(call.params["storage"])
    wanted = call.params.get("content")
    vmid = call.params.get("vmid")
    return [
        volume.api_view()
        for volume in chosen.volumes()
        if wanted in (None, volume.content) and vmid in (None, volume.vmid) and _is_shown(call, volume)
    ]


def _is_shown(call: Call, volume: Volume) -> bool:
    """As upstream's ``check_volume_access`` has it: of others' guests only to administrators of the storage."""
    place = f"/storage/{call.params['storage']}"
    if access.holds(call.user, place, ["Datastore.Allocate"]) or volume.content in ("iso", "vztmpl", "import"):
        return True
    of_storage, of_guest = {
        "backup": ("Datastore.AllocateSpace", "VM.Backup"),
        "images": ("Datastore.Audit", "VM.Config.Disk"),
        "rootdir": ("Datastore.Audit", "VM.Config.Disk"),
    }.get(volume.content, ("", ""))
    if not volume.vmid or not of_guest or not access.holds(call.user, place, [of_storage]):
        return False
    return access.holds(call.user, f"/vms/{volume.vmid}", [of_guest])


@method("POST", STORAGE + "/content", protected=True)
def alloc(call: Call) -> str:
    name = call.params["storage"]
    size = size_in_kib(call.params["size"])
    chosen = manage.usable(name)
    volume = chosen.alloc(call.params["vmid"], call.params["filename"] or None, call.params.get("format"), size)
    return f"{name}:{volume}"


def _volume(call: Call) -> tuple[str, str]:
    """Storage and volume of a request; the path may carry a whole volume id or only the volume's name."""
    volume = urllib.parse.unquote(call.params["volume"])
    if ":" in volume:
        return split_volid(volume)
    storage = call.params.get("storage")
    if storage is None:
        raise parameter_error({"storage": "property is missing and it is not optional"})
    return storage, volume


@method("GET", STORAGE + "/content/{volume}", protected=True)
def volume_info(call: Call) -> dict[str, Any]:
    name, volume = _volume(call)
    chosen = manage.usable(name)
    for found in chosen.volumes():
        if found.volid == f"{name}:{volume}":
            return {"path": chosen.path(volume), "size": found.size, "used": found.size, "format": found.format}
    raise ApiError(500, f"volume_size_info on '{name}:{volume}' failed", errno=2)


@method("DELETE", STORAGE + "/content/{volume}", protected=True)
def free(call: Call) -> str:
    name, volume = _volume(call)
    chosen = manage.usable(name)

    def work() -> None:
        chosen.free(volume)
        call.log(f"Removed volume '{name}:{volume}'")

    return call.fork_worker("imgdel", f"{volume}@{name}", work)


@method("POST", STORAGE + "/upload", protected=True)
def upload(call: Call) -> str:
    source = Path(call.params["tmpfilename"])
    return _store(call, source, "imgcopy")


@method("POST", STORAGE + "/download-url", protected=True)
def download_url(call: Call) -> str:
    return _store(call, None, "download")


def _store(call: Call, source: Path | None, task: str) -> str:
    name, content, filename = (call.params[key] for key in ("storage", "content", "filename"))
    chosen = manage.usable(name)

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="pve-upload-") as scratch:
            local = source or _download(call, Path(scratch) / "download")
            _check_sum(call, local)
            call.log(f"import {local} to {name}:{content}/{filename}")
            chosen.store(content, local, filename)
        if source is not None:
            os.unlink(str(source))
        call.log("finished file import successfully" if source else f"download of '{call.params['url']}' finished")

    return call.fork_worker(task, filename, work)


def _download(call: Call, target: Path) -> Path:
    url = call.params["url"]
    call.log(f"downloading {url}")
    context = ssl.create_default_context()
    if not call.params.get("verify-certificates", 1):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=60, context=context) as answer, target.open("wb") as handle:
            shutil.copyfileobj(answer, handle)
    except urllib.error.URLError as error:
        raise ApiError(500, f"download failed: {error}") from error
    return target


def _check_sum(call: Call, local: Path) -> None:
    wanted = call.params.get("checksum")
    if wanted is None:
        return
    algorithm = call.params.get("checksum-algorithm")
    if algorithm is None:
        raise parameter_error({"checksum-algorithm": "missing property required by 'checksum'"})
    digest = hashlib.new(algorithm)
    with local.open("rb") as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != wanted.lower():
        raise ApiError(500, f"checksum mismatch: got '{digest.hexdigest()}' != expect '{wanted}'")


@method("GET", "/nodes/{node}/scan")
def scan_index(call: Call) -> list[dict[str, str]]:
    return [{"method": name} for name in ("cifs", "iscsi", "lvm", "lvmthin", "nfs")]


@method("GET", "/nodes/{node}/scan/nfs", protected=True)
def scan_nfs(call: Call) -> list[dict[str, Any]]:
    return scan.nfs(call.params["server"])


@method("GET", "/nodes/{node}/scan/cifs", protected=True)
def scan_cifs(call: Call) -> list[dict[str, Any]]:
    params = call.params
    return scan.cifs(params["server"], params.get("username", ""), params.get("password", ""), params.get("domain", ""))


@method("GET", "/nodes/{node}/scan/iscsi", protected=True)
def scan_iscsi(call: Call) -> list[dict[str, Any]]:
    return scan.iscsi(call.params["portal"])


@method("GET", "/nodes/{node}/scan/lvm", protected=True)
def scan_lvm(_call: Call) -> list[dict[str, Any]]:
    return scan.lvm()


@method("GET", "/nodes/{node}/scan/lvmthin", protected=True)
def scan_lvmthin(call: Call) -> list[dict[str, Any]]:
    return scan.lvmthin(call.params["vg"])
