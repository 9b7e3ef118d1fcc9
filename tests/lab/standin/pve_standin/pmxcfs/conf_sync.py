"""Carrying /etc/pve/corosync.conf to /etc/corosync/corosync.conf, where corosync reads it.

Every node writes its own copy when the shared file is not older; the node whose write changed the shared file then
tells corosync to read it again (corosync passes that on to all nodes itself).
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from pathlib import Path

from pve_standin.cluster import corosync_conf
from pve_standin.core import paths

logger = logging.getLogger("dcdb")


def read_local() -> str | None:
    try:
        return paths.COROSYNC_CONF.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def copy_to_local(text: str, *, reload: bool) -> None:
    """Write corosync's own copy of the configuration unless that is newer."""
    try:
        new_version = corosync_conf.version(corosync_conf.parse(text))
    except (corosync_conf.ConfError, ValueError) as error:
        logger.error("unable to parse corosync.conf: %s", error)
        return
    local = read_local()
    if local == text:
        return
    local_version = _version_or_zero(local)
    if local_version > new_version:
        logger.error("local corosync.conf is newer")
        return
    _write_atomic(paths.COROSYNC_CONF, text)
    logger.info("wrote new corosync config '%s' (version = %d)", paths.COROSYNC_CONF, new_version)
    if reload:
        threading.Thread(target=_reload_corosync, name="corosync-reload", daemon=True).start()


def _version_or_zero(text: str | None) -> int:
    try:
        return corosync_conf.version(corosync_conf.parse(text or ""))
    except (corosync_conf.ConfError, ValueError):
        return 0


def _write_atomic(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(str(temporary), str(path))


def _reload_corosync() -> None:
    """Give the other nodes a second to write their copies before corosync reads them."""
    time.sleep(1)
    done = subprocess.run(["corosync-cfgtool", "-R"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        logger.error("corosync-cfgtool -R failed with exit code %d", done.returncode)
