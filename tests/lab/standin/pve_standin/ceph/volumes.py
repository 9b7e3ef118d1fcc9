"""OSDs on logical volumes, made by Ceph's own `ceph-volume lvm` as upstream does, where the kernel has a device mapper.

A device for databases or journals is given a volume group of its own, to which later ones add a volume.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pve_standin.ceph import tools
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run, run_visible
from pve_standin.storage import disks

CEPH_VOLUME = "/usr/sbin/ceph-volume"
HELPERS = {"db_dev": 10, "wal_dev": 100}
"""Which part of the OSD's size each takes when none is given: a tenth, a hundredth."""


def possible() -> bool:
    """The lab's usual nodes run on their host's kernel, which may have none; a device node alone says nothing."""
    run(["/sbin/modprobe", "--quiet", "dm-mod"], check=False)
    return "device-mapper" in Path("/proc/misc").read_text(encoding="ascii")


def create(chosen: Mapping[str, str], params: Mapping[str, Any]) -> None:
    """What `pveceph osd create` leaves to ceph-volume, with the volumes for databases and journals made before."""
    device = chosen["dev"]
    count = int(params.get("osds-per-device", 1))
    command = [CEPH_VOLUME, "lvm", "batch" if count > 1 else "create"]
    device_class = params.get("crush-device-class")
    if device_class:
        command += ["--crush-device-class", str(device_class)]
    for role, part in HELPERS.items():
        if role in chosen:
            print(f"using device '{chosen[role]}' for {role}", flush=True)
            given = params.get(f"{role}_size")
            size = disks.size_of(device) // part if given is None else int(float(given) * 2**30)
            command += [f"--block.{role[:-4]}", _volume(chosen[role], size, f"osd-{role[:-4]}")]
    if params.get("encrypted"):
        command.append("--dmcrypt")
    command += ["--osds-per-device", str(count), "--yes", device] if count > 1 else ["--data", device]
    run_visible(command)


def _volume(device: str, size: int, kind: str) -> str:
    """A new volume on the device, in the group that is there or in a new one."""
    if disks.size_of(device) < size:
        raise ApiError(500, f"'{device}' is smaller than requested size '{size}' bytes")
    group = _group(device)
    if group is None:
        group = f"ceph-{uuid.uuid4()}"
        tools.show(["/sbin/pvcreate", "--metadatasize", "250k", "-y", "-ff", device])
        tools.show(["/sbin/vgcreate", group, device])
    volume = f"{kind}-{uuid.uuid4()}"
    tools.show(["/sbin/lvcreate", "-aly", "-Wy", "--yes", "--size", f"{size >> 10}k", "--name", volume, group])
    return f"{group}/{volume}"


def _group(device: str) -> str | None:
    """The device's own group; None on an empty device. A volume of somebody else's is none to share."""
    if not (disks.by_device(device) or {}).get("used"):
        return None
    listed = json.loads(run(["/sbin/pvs", "--reportformat", "json", "-o", "vg_name", device]).stdout)
    group = str(listed["report"][0]["pv"][0]["vg_name"])
    if not group.startswith("ceph-"):
        raise ApiError(500, f"no ceph vg found on '{device}'")
    return group


def of_osd(osdid: int) -> list[str]:
    """The disks on which an OSD's volumes lie; none when it lies on no volume."""
    listed = json.loads(run([CEPH_VOLUME, "lvm", "list", "--format", "json"]).stdout)
    return sorted({device for part in listed.get(str(osdid), []) for device in part["devices"]})


def zap(osdid: int, cleanup: bool, devices: list[str]) -> None:
    """Empty the OSD's volumes; `cleanup` removes them too, and the traces of LVM on disks that then have none."""
    run_visible([CEPH_VOLUME, "lvm", "zap", "--osd-id", str(osdid), *(["--destroy"] if cleanup else [])])
    for device in devices if cleanup else []:
        run(["/sbin/pvremove", device], check=False)  # refused while a volume of another OSD is there
