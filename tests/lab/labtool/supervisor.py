"""Keeps one node's container running across reboots. One such process per node; it ends when the node powers off.

It runs in a mount namespace of its own and mounts the node's root there, so that nothing is left mounted after it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from . import cgroup

REBOOT = 133
"""systemd-nspawn's exit code for "start me again"."""

ENVIRONMENT = {
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "1",
    "SYSTEMD_SECCOMP": "0",
    "SYSTEMD_NSPAWN_LOCK": "0",
}


def main() -> int:
    group, mount_options, root, *argv = sys.argv[1:]
    cgroup.move(os.getpid(), Path(group))
    subprocess.run(["mount", "-t", "overlay", "lab-node", "-o", mount_options, root], check=True)
    code = REBOOT
    while code == REBOOT:
        code = subprocess.run(argv, env={**os.environ, **ENVIRONMENT}, stdin=subprocess.DEVNULL, check=False).returncode
    print(f"container ended with {code}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
