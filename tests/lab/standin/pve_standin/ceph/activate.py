"""At boot: give every OSD of this node its directory back, so that its unit can start.

Upstream's OSDs are logical volumes, found at boot through their tags. The lab's are bare devices; their BlueStore
label says which OSD they are. Run by pve-standin-osd-activate.service before any ceph-osd@ unit.
"""

from __future__ import annotations

import os
import sys

from pve_standin.ceph import tools
from pve_standin.core.exec import CommandFailed, run
from pve_standin.storage import disks


def main() -> None:
    failed = [device for device in disks.devices() if not _activate(device)]
    sys.exit(1 if failed else 0)


def _activate(device: str) -> bool:
    label = disks.bluestore_label(device)
    if label is None or label.get("description") != "main":
        return True
    folder = tools.daemon_dir("osd", str(label["whoami"]))
    if os.path.lexists(str(folder / "block")):
        return True
    try:
        done = run(["/usr/sbin/ceph-volume", "raw", "activate", "--device", device, "--no-systemd"])
    except CommandFailed as error:
        print(f"{device}: {error}\n{error.result.stderr}", file=sys.stderr, flush=True)
        return False
    print(f"{device}: osd.{label['whoami']}\n{done.stderr}", flush=True)
    return True
