"""What every pveceph step needs: is Ceph there and configured, and a way to ask it."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from pve_standin.core import cfs, paths
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run

CLUSTER = "ceph"
ETC = Path("/etc/ceph")
STATE = Path("/var/lib/ceph")
CONF_LINK = ETC / "ceph.conf"
CONF = paths.PVE / "ceph.conf"
CONF_DIR = paths.PVE / "ceph"
ADMIN_KEYRING = paths.PRIV / "ceph.client.admin.keyring"
MON_KEYRING = paths.PRIV / "ceph.mon.keyring"
LOCAL_ADMIN_KEYRING = ETC / "ceph.client.admin.keyring"
CRASH_KEYRING = CONF_DIR / "ceph.client.crash.keyring"
BOOTSTRAP_OSD_KEYRING = STATE / "bootstrap-osd" / "ceph.keyring"
INSTALL_FLAG = Path("/run/pve-ceph-install-flag")


def installed() -> bool:
    return os.access("/usr/bin/ceph", os.X_OK) and not INSTALL_FLAG.exists()


def check_installed(program: str = "ceph-mon") -> None:
    binary = f"/usr/bin/{program}"
    if not os.access(binary, os.X_OK) or INSTALL_FLAG.exists():
        raise ApiError(500, f"binary not installed: {binary}", errno=2)


def check_inited(program: str = "ceph-mon") -> None:
    """Ceph is installed and `pveceph init` has been run."""
    check_installed(program)
    missing = [f"missing '{path}'" for path in (CONF, CONF_DIR) if not path.exists()]
    if missing:
        raise ApiError(500, f"pveceph configuration not initialized - {', '.join(missing)}", errno=2)


def check_configured() -> None:
    check_inited()
    if not ADMIN_KEYRING.exists():
        raise ApiError(500, f"ceph not fully configured - missing '{ADMIN_KEYRING}'", errno=2)


def show(argv: Sequence[str]) -> None:
    """Run a program in the C locale and pass on what it says, as part of our own output; a failure raises."""
    result = run(argv, env={"LC_ALL": "C"}, check=False)
    print(result.stdout + result.stderr, end="", flush=True)
    if result.returncode != 0:
        raise ApiError(500, f"command '{' '.join(argv)}' failed: exit code {result.returncode}")


def own(path: Path) -> None:
    """Give a path, and what lies in it, to the ceph user."""
    run(["/bin/chown", "-R", "ceph:ceph", str(path)])


def link_configuration() -> None:
    """Ceph's own tools and daemons find the cluster's configuration at their usual place."""
    if CONF_LINK.exists() or CONF_LINK.is_symlink():
        if not CONF_LINK.is_symlink() or os.readlink(str(CONF_LINK)) != str(CONF):
            raise ApiError(500, f"file '{CONF_LINK}' already exists and is not a symlink to {CONF}")
    else:
        ETC.mkdir(exist_ok=True)
        CONF_LINK.symlink_to(CONF)
    if ADMIN_KEYRING.exists() and not LOCAL_ADMIN_KEYRING.exists():
        shutil.copyfile(str(ADMIN_KEYRING), str(LOCAL_ADMIN_KEYRING))
        LOCAL_ADMIN_KEYRING.chmod(0o600)
        shutil.chown(str(LOCAL_ADMIN_KEYRING), "ceph", "ceph")
        shutil.chown(str(ETC), "ceph", "ceph")


def local_addresses(network: str) -> list[str]:
    """This node's addresses in a network."""
    wanted = ipaddress.ip_network(network, strict=False)
    found = []
    for interface in json.loads(run(["/sbin/ip", "-json", "address", "show"]).stdout):
        for address in interface.get("addr_info", []):
            if ipaddress.ip_address(address["local"]) in wanted:
                found.append(str(address["local"]))
    return found


def networks(value: str) -> list[str]:
    return [item for item in re.split(r"[,;\s]+", value) if item]


def daemon_dir(kind: str, daemon: str) -> Path:
    return STATE / kind / f"{CLUSTER}-{daemon}"


def node() -> str:
    return cfs.nodename()
