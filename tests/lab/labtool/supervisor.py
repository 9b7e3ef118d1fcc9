"""Keeps one node's container running across reboots. One such process per node; it ends when the node powers off."""

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
    group, *argv = sys.argv[1:]
    code = REBOOT
    while code == REBOOT:
        cgroup.join(Path(group))
        code = subprocess.run(argv, env={**os.environ, **ENVIRONMENT}, stdin=subprocess.DEVNULL, check=False).returncode
    print(f"container ended with {code}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
