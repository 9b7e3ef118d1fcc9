# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at EFI system partitions that are not mounted. Usage: boot_partitions UUID ...

Each is mounted read-only in a mount namespace of its own, which ends with the look. Prints JSON: UUID -> whether it is
there, the paths of its files that are not empty, what loader.conf calls the default, what its entries tell kernels,
and its grub.cfg.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from typing import Any, Optional

DEVICES = "/dev/disk/by-uuid"
LOOK = """
mount -t tmpfs none /mnt && mkdir /mnt/esp && mount -o ro "$1" /mnt/esp && cd /mnt/esp || exit 1
find . -type f -size +0 -printf '%P\\n'
echo ====
cat loader/loader.conf 2>/dev/null
echo ====
sed -n 's/^options[[:space:]]*//p' loader/entries/*.conf 2>/dev/null
echo ====
cat grub/grub.cfg 2>/dev/null
exit 0
"""


def main(*uuids: str) -> int:
    found = {uuid: look(f"{DEVICES}/{uuid}") for uuid in uuids if re.fullmatch(r"[\w-]+", uuid)}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def look(device: str) -> dict[str, Any]:
    if not os.path.exists(device):
        return {"present": False}
    code, said, complaint = asyncio.run(run("unshare", "--mount", "sh", "-c", LOOK, "look", device))
    if code:
        return {"present": True, "error": complaint.strip()[-500:]}
    files, loader, options, grub = said.split("====\n", 3)
    told = {"files": files.splitlines(), "default": default(loader), "options": options.splitlines()}
    return {"present": True, **told, "grub": grub or None}


def default(text: str) -> Optional[str]:
    found = re.findall(r"(?m)^\s*default\s+(\S+)", text)
    return str(found[-1]) if found else None


async def run(*argv: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace"), complaint.decode(errors="replace")


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
