"""The host's own tools: which ones the lab needs, and installing those that are missing."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping

from .settings import LabError
from .shell import run, stage

TOOLS: dict[str, str] = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nc": "netcat-openbsd",
    "nsenter": "util-linux",
    "losetup": "mount",
    "gpg": "gnupg",
    "openssl": "openssl",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "dpkg-deb": "dpkg",
}
"""Command and the Debian package that brings it."""

LIMITS: dict[str, int] = {"fs/inotify/max_user_instances": 8192, "fs/aio-max-nr": 1048576}
"""Kernel limits too small, by default, for several systemds and Ceph daemons on one kernel."""


def refuse_host() -> None:
    """The nodes are made by apt and dpkg, from the host's own archives: a host without them is refused by its name."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        told = {"ID": platform.system().lower(), "PRETTY_NAME": platform.system()}
    name = told.get("PRETTY_NAME", told["ID"])
    if not {"debian", "ubuntu"} & {told["ID"], *told.get("ID_LIKE", "").split()}:
        raise LabError(f"this host is {name}; the lab needs Debian or Ubuntu, as it makes its nodes with apt")
    if shutil.which("apt-get") is None:
        raise LabError(f"this host ({name}) has no apt-get, with which the lab makes its nodes")


def ensure() -> None:
    """Everything on the host a lab needs; Debian or Ubuntu, root, Debian's tools, kernel limits."""
    refuse_host()
    if os.geteuid() != 0:
        raise LabError("the lab needs root (namespaces, mounts, loop devices)")
    install(TOOLS)
    for name, least in LIMITS.items():
        path = f"/proc/sys/{name}"
        with open(path, encoding="ascii") as current:
            if int(current.read()) >= least:
                continue
        with open(path, "w", encoding="ascii") as target:
            target.write(str(least))


def install(tools: Mapping[str, str]) -> None:
    """What is missing of these: a command, or the path of a file, and the Debian package that brings it."""
    missing = sorted(
        {package for name, package in tools.items() if shutil.which(name) is None and not os.path.exists(name)}
    )
    if missing:
        with stage(f"installing {' '.join(missing)} on this host"):
            run(["apt-get", "update", "-q"])
            apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
            run([*apt, "install", "--no-install-recommends", *missing])
