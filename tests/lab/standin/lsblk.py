#!/usr/bin/python3
"""lsblk in a node of the lab: the devices of /etc/lab/disks.json are disks, though the host's kernel made them loops.

Everything else is what the real lsblk says; `--json` is the form that it changes.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

#: Debian 11 still has a /bin of its own.
REAL = shutil.which("lsblk", path="/usr/bin:/bin") or "/usr/bin/lsblk"
INVENTORY = Path("/etc/lab/disks.json")


def renamed(printed: str, inventory: str) -> str:
    """The answer of lsblk in which the node's own disks have the type of a disk."""
    own = {disk["dev"] for disk in json.loads(inventory)}
    document = json.loads(printed)
    for device in document["blockdevices"]:
        if f"/dev/{device['name']}" in own and "type" in device:
            device["type"] = "disk"
    return json.dumps(document, indent=3)


def main() -> int:
    done = subprocess.run([REAL, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
    form = "--json" in sys.argv and done.stdout.strip()
    print(renamed(done.stdout, INVENTORY.read_text()) if form else done.stdout, end="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
