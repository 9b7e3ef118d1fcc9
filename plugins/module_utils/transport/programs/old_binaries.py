# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find processes that still run programs or libraries that have been replaced. Usage: old_binaries

Prints JSON: systemd unit -> what of it is gone from the disk. A virtual machine is the unit NUMBER.scope.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator

GONE = " (deleted)"
#: Of a file that is mapped as code: address, permissions, offset, device, inode, path.
MAPPED = re.compile(r"^\S+ ..x. \S+ \S+ \d+ +(/(?:usr|lib|bin|sbin|opt)\S*) \(deleted\)$", re.MULTILINE)


def main() -> int:
    found: dict[str, set[str]] = {}
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        old = set(replaced(f"/proc/{pid}"))
        if old:
            found.setdefault(unit(read(f"/proc/{pid}/cgroup")), set()).update(old)
    sys.stdout.write(json.dumps({name: sorted(old) for name, old in sorted(found.items())}) + "\n")
    return 0


def replaced(process: str) -> Iterator[str]:
    """A process that ends meanwhile has nothing."""
    try:
        program = os.readlink(f"{process}/exe")
    except OSError:
        return
    if program.endswith(GONE):
        yield program[: -len(GONE)]
    yield from MAPPED.findall(read(f"{process}/maps"))


def unit(cgroup: str) -> str:
    """The innermost unit: ``0::/qemu.slice/100.scope``."""
    parts = [part for part in cgroup.strip().rpartition(":")[2].split("/") if part.endswith((".service", ".scope"))]
    return parts[-1] if parts else "no unit"


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


if __name__ == "__main__":
    raise SystemExit(main())
