"""`pvecm updatecerts`: folders, keys and certificates every node needs below /etc/pve."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

from pve_standin.cluster import certificates, ssh
from pve_standin.core import paths, release
from pve_standin.core.cfs import cfs_write, nodename, quorate, resolve
from pve_standin.core.errors import ApiError

WAIT_SECONDS = 80

VZDUMP_CRON = """# cluster wide vzdump cron schedule
# Automatically generated file - do not edit

PATH="/usr/sbin:/usr/bin:/sbin:/bin"
"""


def wait_for_quorum(seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not (os.path.islink(str(paths.LOCAL_LINK)) and quorate()):
        if time.monotonic() > deadline:
            raise ApiError(
                500,
                "got timeout when trying to ensure cluster certificates and base file hierarchy is set up"
                " - no quorum (yet) or hung pmxcfs?",
                errno=errno.EINTR,
            )
        time.sleep(0.2)


def update(*, force: bool = False) -> bool:
    """Create what is missing; `force` signs a new node certificate. Tells whether the certificate is new."""
    if not quorate():
        raise ApiError(500, "no quorum - unable to update files")
    node = nodename()
    make_directories(node)
    ssh.setup_root()
    certificates.ensure_cluster_keys()
    fresh = certificates.ensure_node_certificate(node, force=force)
    ssh.merge_authorized_keys()
    if release.current().pinned_host_keys:
        ssh.publish_host_key()
    else:
        ssh.merge_known_hosts(resolve(node))
    return fresh


def make_directories(node: str) -> None:
    """The folders in the order and with the names of a fresh node."""
    for directory in (paths.PVE / "virtual-guest", paths.PRIV, paths.NODES):
        _mkdir(directory)
    make_node_directories(node)
    for name in ("lock", "acme"):
        _mkdir(paths.PRIV / name)
    for name in ("firewall", "ha", "mapping", "sdn"):
        _mkdir(paths.PVE / name)
    cron = paths.PVE / "vzdump.cron"
    if not cron.exists():
        cfs_write(cron, VZDUMP_CRON)


def make_node_directories(node: str) -> None:
    _mkdir(paths.NODES / node)
    for name in ("lxc", "qemu-server", "openvz", "priv"):
        _mkdir(paths.NODES / node / name)


def _mkdir(path: Path) -> None:
    try:
        os.mkdir(str(path))
    except FileExistsError:
        return
    except OSError as error:
        raise ApiError(500, f"mkdir {path} failed - {error.strerror}", errno=error.errno or 0) from error
