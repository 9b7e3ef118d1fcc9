# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which guests run on this node from what they are there: processes. No service of Proxmox VE is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.reader import Reader

MACHINES = "/run/qemu-server"
CONTAINERS = "/sys/fs/cgroup/lxc"
_PID_FILE = re.compile(r"(\d+)\.pid")


def observe(reader: Reader) -> frozenset[int]:
    """Their VMIDs. A virtual machine that was killed leaves the file with its process' number behind."""
    containers = (int(name) for name in reader.names(CONTAINERS) if name.isdecimal())
    return frozenset((*_machines(reader), *containers))


def _machines(reader: Reader) -> Iterator[int]:
    for name in reader.names(MACHINES):
        found = _PID_FILE.fullmatch(name)
        if found:
            pid = (reader.read(f"{MACHINES}/{name}") or "").strip()
            if pid.isdecimal() and reader.entry(f"/proc/{pid}") is not None:
                yield int(found[1])
