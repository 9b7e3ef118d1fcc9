"""The nodes' disks: sparse files behind loop devices, with the identity loop devices lack."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .addresses import node_name
from .locks import locked
from .settings import DISK_BYTES, Lab
from .shell import run

MODEL = "LABDISK"
#: Held while a device is given back to be taken again: another lab would find it free.
LOCK = Path("/run/lock/baremetal-virt-loop-devices.lock")


@dataclass(frozen=True)
class Disk:
    """One disk as a node sees it; the fields of /etc/lab/disks.json."""

    dev: str
    serial: str
    model: str
    size: int
    rotational: bool

    @property
    def by_id(self) -> str:
        return f"/dev/disk/by-id/lab-{self.serial}"


def serial(node: int, index: int) -> str:
    return f"{node_name(node).upper()}D{index}"


def _image(lab: Lab, node: int, index: int) -> Path:
    return lab.state / "disks" / f"{node_name(node)}-{index}.img"


def _loops(lab: Lab) -> dict[Path, str]:
    """Backing file -> loop device, for every loop device of this lab."""
    devices = json.loads(run(["losetup", "--list", "--json", "--output", "NAME,BACK-FILE"]) or '{"loopdevices": []}')
    folder = lab.state / "disks"
    found = {}
    for device in devices["loopdevices"]:
        backing = Path((device["back-file"] or "").replace(" (deleted)", ""))
        if backing.parent == folder:
            found[backing] = device["name"]
    return found


def up(lab: Lab) -> None:
    """Create and attach what is missing."""
    (lab.state / "disks").mkdir(parents=True, exist_ok=True)
    attached = _loops(lab)
    for node in lab.numbers:
        for index in range(lab.disks):
            image = _image(lab, node, index)
            if image in attached:
                continue
            with image.open("ab") as target:
                target.truncate(DISK_BYTES)
            with locked(LOCK):
                run(["losetup", "--find", "--nooverlap", image])


def of_node(lab: Lab, node: int) -> list[Disk]:
    """The node's disks under the names they have in it."""
    found = attached(lab, node)
    # a kernel of the node's own gives them names that only it knows
    return [replace(disk, dev=disk.by_id) for disk in found] if lab.own_kernel else found


def attached(lab: Lab, node: int) -> list[Disk]:
    """The node's disks under their names on the host."""
    loops = _loops(lab)
    return [
        Disk(loops[_image(lab, node, index)], serial(node, index), MODEL, DISK_BYTES, rotational=False)
        for index in range(lab.disks)
    ]


def wipe(lab: Lab, node: int) -> None:
    """Empty the node's disks: every byte reads as zero again and takes no room on the host."""
    attached = _loops(lab)
    for index in range(lab.disks):
        image = _image(lab, node, index)
        if image in attached:
            run(["blkdiscard", "--force", attached[image]])
        else:
            image.unlink(missing_ok=True)


def swap(lab: Lab, node: int) -> None:
    """Attach the disks of a node that is off in another order: the kernel's names then belong to other disks."""
    attached = _loops(lab)
    images = [_image(lab, node, index) for index in range(lab.disks)]
    devices = [attached[image] for image in images]
    with locked(LOCK):
        for device in devices:
            run(["losetup", "--detach", device])
        for device, image in zip(reversed(devices), images):
            run(["losetup", "--nooverlap", device, image])


def copy(lab: Lab, folder: Path) -> None:
    """Copy what is on the disks, whose nodes are off."""
    folder.mkdir()
    for image in sorted((lab.state / "disks").iterdir()):
        run(["cp", "--sparse=always", image, folder / image.name])


def put_back(lab: Lab, folder: Path) -> None:
    """Bring the disks back to what was copied. One that was empty and still is needs nothing."""
    for image, device in _loops(lab).items():
        source = folder / image.name
        if image.stat().st_blocks or source.stat().st_blocks:
            with locked(LOCK):
                run(["losetup", "--detach", device])
                run(["cp", "--sparse=always", source, image])
                run(["losetup", "--nooverlap", device, image])


def down(lab: Lab) -> None:
    for device in _loops(lab).values():
        run(["losetup", "--detach", device])


def disks_json(disks: list[Disk]) -> str:
    return json.dumps([asdict(disk) for disk in disks], indent=1) + "\n"


def device_links(disks: list[Disk]) -> str:
    """The tmpfiles.d lines that make /dev/disk/by-id at every boot of the node."""
    return "".join(f"L+ {disk.by_id} - - - - ../../{Path(disk.dev).name}\n" for disk in disks)
