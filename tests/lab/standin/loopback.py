#!/usr/bin/env python3
"""Serve the stand-in's HTTPS API on 127.0.0.1, out of a folder in place of /: a node's two daemons, and nothing else.

usage: loopback.py FOLDER [PORT]

For tests that speak HTTPS without a lab and without root. The first line on standard output is JSON: the port, the
node's name, the fingerprint of its certificate, and a ticket of root@pam with its CSRF token. FOLDER/faults.json orders
faults, as `lab fault` does. Started again on the same folder and port it is the same node. SIGTERM ends it.

What a real node takes seconds for is cut short here: the pause before a 401, and each attempt to get a lock. There are
no services: to control one is a task that only says so, and to reload one a task that takes long. There is
no pmxcfs: no other node tells anything, and which guests there are is read from the folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pve_standin.api import server
from pve_standin.cluster import certificates
from pve_standin.core import cfs, lab_faults, pace, paths, release, services, tasks, ticket, versions
from pve_standin.guest import config as guests
from pve_standin.guest import run_state
from pve_standin.pmxcfs import control as pmxcfs
from pve_standin.storage import status

ADDRESS = "127.0.0.1"
RELOAD_SECONDS = 20


def places(folder: Path) -> dict[str, Path]:
    """Every path that the API uses, below the folder."""
    found = {name: value for name, value in vars(paths).items() if isinstance(value, Path) and name != "SCHEMA_DIR"}
    return {name: folder / value.relative_to("/") for name, value in found.items()}


def move_into(folder: Path) -> None:
    """It is there from now on."""
    for name, value in places(folder).items():
        setattr(paths, name, value)
    lab_faults.WANTED = folder / "faults.json"
    pace.TASKS = folder / "task-seconds.json"
    release.OS_RELEASE = folder / "os-release"
    versions.RELEASE_FILE = folder / "release"
    server.PENALTY_SECONDS = 0.1
    cfs.LOCK_PAUSE = 0.05
    services.control = control
    pmxcfs.published = published
    guests.guests = listed
    run_state.FOLDER = folder / "run"


def published(key: str) -> dict[str, dict[str, Any]]:
    """What pvestatd tells the cluster: here of storages alone, and always the latest."""
    return {cfs.nodename(): status.measure()} if key == status.PUBLISHED_KEY else {}


def listed() -> dict[int, dict[str, str]]:
    """The guests of the cluster, which pmxcfs would tell: vmid -> {node, type}."""
    kinds = {"qemu-server": "qemu", "lxc": "lxc"}
    files = [file for file in paths.NODES.glob("*/*/*.conf") if file.parts[-2] in kinds]
    return {int(file.stem): {"node": file.parts[-3], "type": kinds[file.parts[-2]]} for file in sorted(files)}


def control(action: str, service: str) -> None:
    print(f"{action} {service}", flush=True)
    if action.startswith("reload"):
        time.sleep(RELOAD_SECONDS)


def furnish(folder: Path) -> None:
    """Files that a new node has."""
    name = cfs.nodename()
    home = paths.NODES / name
    for directory in (home, paths.PRIV, paths.TASK_DIR, paths.LOCK_FILES):
        directory.mkdir(parents=True)
    paths.LOCAL_LINK.symlink_to(f"nodes/{name}")
    members = {"nodename": name, "version": 1, "nodelist": {name: {"id": 1, "online": 1, "ip": ADDRESS}}}
    (paths.PVE / ".members").write_text(json.dumps(members), encoding="utf-8")
    (folder / "os-release").write_text("VERSION_CODENAME=trixie\n", encoding="utf-8")
    (folder / "release").write_text("version=9.2.11\nrelease=9.2\nrepoid=14a22df35955d97d\n", encoding="utf-8")
    paths.WWW_KEY.write_text(os.urandom(32).hex(), encoding="ascii")
    openssl("genrsa", "-out", paths.AUTH_KEY, "2048")
    openssl("rsa", "-in", paths.AUTH_KEY, "-pubout", "-out", paths.AUTH_PUB)
    key, certificate = home / "pve-ssl.key", home / "pve-ssl.pem"
    openssl("req", "-batch", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", f"/CN={name}.example.net",
            "-keyout", key, "-out", certificate)  # fmt: skip


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def serve(folder: Path, port: int) -> None:
    certificate = certificates.certificate_path(cfs.nodename())
    proxy = server.Server((ADDRESS, port), server.Handler, [certificate, certificate.with_suffix(".key")])
    daemon = server.Server((ADDRESS, 0), server.DaemonHandler, None)
    server.DAEMON_ADDRESS = (ADDRESS, daemon.server_address[1])
    tasks.detach_workers()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # it may come before both serve
    behind = os.fork()
    if behind == 0:
        proxy.server_close()
        server.serve(daemon)
    daemon.server_close()
    try:
        tell(proxy)
        server.serve(proxy)
    finally:
        os.kill(behind, signal.SIGTERM)


def tell(proxy: server.Server) -> None:
    told = {
        "port": proxy.server_address[1],
        "node": cfs.nodename(),
        "fingerprint": certificates.certificate_fingerprint(cfs.nodename()),
        "ticket": ticket.assemble_ticket("root@pam"),
        "csrf_token": ticket.assemble_csrf("root@pam"),
    }
    print(json.dumps(told), flush=True)


def main() -> None:
    folder = Path(sys.argv[1])
    move_into(folder)
    if not paths.NODES.exists():
        furnish(folder)
    serve(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 0)


if __name__ == "__main__":
    main()
