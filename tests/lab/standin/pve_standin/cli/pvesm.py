"""pvesm: storages and their volumes."""

from __future__ import annotations

import base64
import sys
import urllib.parse
from pathlib import Path
from typing import Any

from pve_standin.api import registry
from pve_standin.cli.main import Command, Params, cli
from pve_standin.core import tasks
from pve_standin.core.cfs import nodename
from pve_standin.storage import manage
from pve_standin.storage.volumes import split_volid

API_VERSION = 13
API_AGE = 4


def render_status(rows: list[dict[str, Any]], _params: Params) -> None:
    width = max([len(row["storage"]) for row in rows] + [0]) + 1
    sizes = " ".join(f"{title:>15}" for title in ("Total (KiB)", "Used (KiB)", "Available (KiB)"))
    print(f"{'Name':<{width}} {'Type':>10} {'Status':>10} {sizes} {'%':>8}")
    for row in sorted(rows, key=lambda row: str(row["storage"])):
        print(_status_line(row, width))


def _status_line(row: dict[str, Any], width: int) -> str:
    share = f"{100 * row['used'] / row['total'] if row['total'] else 0:.2f}%"
    state = "active" if row["active"] else "inactive"
    if not row["enabled"]:
        state, share = "disabled", "N/A"
    sizes = " ".join(f"{row[key] // 1024:>15}" for key in ("total", "used", "avail"))
    return f"{row['storage']:<{width}} {row['type']:>10} {state:>10} {sizes} {share:>8}"


def render_volumes(rows: list[dict[str, Any]], _params: Params) -> None:
    name_width = max([len(row["volid"]) for row in rows] + [len("Volid")])
    size_width = max([len(str(row["size"])) for row in rows] + [len("Size")])
    print(f"{'Volid':<{name_width}} {'Format':<7} {'Type':<9} {'Size':>{size_width}} VMID")
    for row in sorted(rows, key=lambda row: str(row["volid"])):
        line = f"{row['volid']:<{name_width}} {row['format']:<7} {row['content']:<9} {row['size']:>{size_width}} "
        print(line + (str(row["vmid"]) if "vmid" in row else ""))


def render_exports(rows: list[dict[str, Any]], _params: Params) -> None:
    width = max([len(row["path"]) for row in rows] + [0])
    for row in rows:
        print(f"{row['path']:<{width}} {row['options']}")


def render_shares(rows: list[dict[str, Any]], _params: Params) -> None:
    width = max([len(row["share"]) for row in rows] + [0])
    for row in rows:
        print(f"{row['share']:<{width}} {row['description']}")


def render_targets(rows: list[dict[str, Any]], _params: Params) -> None:
    width = max([len(row["target"]) for row in rows] + [0])
    for row in rows:
        print(f"{row['target']:<{width}} {row['portal']}")


def render_groups(rows: list[dict[str, Any]], _params: Params) -> None:
    for row in rows:
        print(row["vg"])


def render_pools(rows: list[dict[str, Any]], _params: Params) -> None:
    for row in rows:
        print(row["lv"])


def render_allocated(volid: Any, _params: Params) -> None:
    print(f"successfully created '{volid}'")


def path(params: Params) -> None:
    storage, volume = split_volid(params["volume"])
    print(manage.usable(storage).path(volume))


def free(params: Params) -> int:
    """A volume's name has slashes, so it goes into the path quoted."""
    volume = params["volume"] if ":" in params["volume"] else f"{params.get('storage', '')}:{params['volume']}"
    storage, _ = split_volid(volume)
    task = registry.call(
        "DELETE", f"/nodes/{nodename()}/storage/{storage}/content/{urllib.parse.quote(volume, safe='')}", {}
    )
    return 0 if tasks.succeeded(str(task)) else 255


def api_info(_params: Params) -> None:
    print(f"APIVER {API_VERSION}\nAPIAGE {API_AGE}")


def read_password(given: str) -> str:
    """Without a value the password is one line of standard input, which need not be a terminal."""
    return given or sys.stdin.readline().rstrip("\n")


def read_file(name: str) -> str:
    return Path(name).read_text(encoding="utf-8")


def read_encryption_key(name: str) -> str:
    return name if name == "autogen" else read_file(name)


def read_public_key(name: str) -> str:
    return base64.b64encode(read_file(name).encode()).decode()


SECRETS = {
    "password": read_password,
    "keyring": read_file,
    "encryption-key": read_encryption_key,
    "master-pubkey": read_public_key,
}
NODE_STORAGE = "/nodes/{node}/storage"

COMMANDS = {
    "add": Command("POST", "/storage", asked=["password"], values=SECRETS),
    "alloc": Command("POST", NODE_STORAGE + "/{storage}/content", render=render_allocated),
    "apiinfo": Command(run=api_info),
    "free": Command(run=free),
    "list": Command("GET", NODE_STORAGE + "/{storage}/content", render=render_volumes),
    "path": Command(run=path),
    "remove": Command("DELETE", "/storage/{storage}"),
    "scan cifs": Command("GET", "/nodes/{node}/scan/cifs", render=render_shares),
    "scan iscsi": Command("GET", "/nodes/{node}/scan/iscsi", render=render_targets),
    "scan lvm": Command("GET", "/nodes/{node}/scan/lvm", render=render_groups),
    "scan lvmthin": Command("GET", "/nodes/{node}/scan/lvmthin", render=render_pools),
    "scan nfs": Command("GET", "/nodes/{node}/scan/nfs", render=render_exports),
    "set": Command("PUT", "/storage/{storage}", asked=["password"], values=SECRETS),
    "status": Command("GET", NODE_STORAGE, render=render_status),
}


def main() -> None:
    cli("pvesm", COMMANDS)
