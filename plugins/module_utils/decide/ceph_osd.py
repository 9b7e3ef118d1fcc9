# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which disks become OSDs. A disk that holds anything else is refused until it is named to be wiped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import Invalid
from ..model.ceph import CephObserved, Osd, unit
from ..model.ceph_osd import CephOsdObserved, CephOsdWanted, OsdWanted
from ..model.disk import Disk, find_disk
from ..model.plan import LOCK_BUSY, Plan, Refusal, Run, Step, Wait

_CREATE_TIMEOUT = 900
_UP_TIMEOUT = 120
#: Uses of a disk that end when its signatures are wiped; anything else is in use by the running system.
_WIPEABLE = ("ceph", "LVM", "RAID", "encrypted", "partitions", "filesystem", "swap")


def desired_from(params: Mapping[str, Any]) -> CephOsdWanted:
    """Module parameters → desired state."""
    osds = []
    for entry in params["osds"]:
        names = [name for name in (entry["device"], entry["serial"]) if name]
        if len(names) != 1:
            raise Invalid(f"An OSD is described by device or by serial, one of them: {dict(entry)!r}.")
        osds.append(OsdWanted(names[0], entry["db_device"], entry["device_class"], entry["encrypted"]))
    devices = [osd.device for osd in osds]
    twice = sorted({device for device in devices if devices.count(device) > 1})
    if twice:
        raise Invalid(f"{', '.join(twice)} is listed twice.", "A disk becomes one OSD.")
    return CephOsdWanted(tuple(osds), tuple(params["wipe"]))


def decide(desired: CephOsdWanted, observed: CephOsdObserved) -> Plan:
    steps: list[Step] = []
    refusals: list[Refusal] = list(_refuse_silence(desired, observed))
    taken: dict[str, str] = {}
    for wanted in desired.osds:
        disk = find_disk(observed.disks, wanted.device)
        if disk is None:
            refusals.append(_unknown(wanted.device, observed))
            continue
        if disk.path in taken:
            refusals.append(_same_disk(wanted.device, taken[disk.path], disk))
        taken[disk.path] = wanted.device
        numbers = observed.holders.get(disk.path)
        if numbers is None:
            refusals += _refuse_disk(disk, desired, observed.ceph) + _refuse_db(wanted, disk, observed)
            steps += _create(wanted, disk, observed)
        else:
            steps += [step for number in numbers for step in _run(number, observed.ceph)]
    return Plan(
        steps=tuple(steps),
        refusals=tuple(refusals),
        warnings=tuple(_warnings(desired, observed)),
        before={"osds": sorted(observed.holders)},
        after={"osds": sorted({*observed.holders, *taken})},
    )


def _create(wanted: OsdWanted, disk: Disk, observed: CephOsdObserved) -> list[Step]:
    steps = [] if disk.free else [_wipe(disk)]
    options: list[str] = []
    if wanted.db_device:
        db_disk = find_disk(observed.disks, wanted.db_device)
        options += ["--db_dev", db_disk.path if db_disk else wanted.db_device]
    if wanted.device_class:
        options += ["--crush-device-class", wanted.device_class]
    if wanted.encrypted:
        options += ["--encrypted", "1"]
    argv = ("pveceph", "osd", "create", disk.path, *options)
    action = Run(argv, timeout=_CREATE_TIMEOUT, retry_on=LOCK_BUSY)
    return [*steps, Step(f"create an OSD on {_describe(disk)}", action)]


def _wipe(disk: Disk) -> Step:
    """Only ceph-volume takes volume groups apart; elsewhere no signature means no content."""
    volumes = "LVM2_member" in disk.signatures
    argv = ("ceph-volume", "lvm", "zap", "--destroy", disk.path) if volumes else ("wipefs", "--all", disk.path)
    return Step(f"wipe {_describe(disk)}, which holds {_content(disk)}", Run(argv, timeout=300), destructive=True)


def _run(number: int, ceph: CephObserved) -> list[Step]:
    """An OSD that exists has to run and to be up; whether it is ``in`` is for the administrator to say."""
    service = unit("osd", str(number))
    osd = _known(number, ceph)
    steps = []
    if service not in ceph.node.running:
        steps.append(Step(f"start osd.{number}", Run(("systemctl", "start", service))))
    if osd is None or not osd.up:
        ask = ("ceph", "--connect-timeout", "10", "-f", "json", "osd", "info", str(number))
        steps.append(
            Step(
                f"wait until osd.{number} is up",
                Wait(ask, r'"up":\s*1\b', timeout=_UP_TIMEOUT),
                hint=f"Look at `journalctl -u {service}` on {ceph.node.name}.",
            )
        )
    return steps


def _known(number: int, ceph: CephObserved) -> Optional[Osd]:
    return None if ceph.cluster is None else ceph.cluster.osd(number)


def _refuse_disk(disk: Disk, desired: CephOsdWanted, ceph: CephObserved) -> list[Refusal]:
    if disk.free:
        return []
    if disk.used not in _WIPEABLE:
        reason = f"{_describe(disk)} on {ceph.node.name} is in use: {_content(disk)}."
        return [Refusal(reason, "Such a disk is never wiped here. Unmount or release it first, or choose another one.")]
    if any(name in disk.names for name in desired.wipe):
        return []
    name = disk.serial or (disk.by_id or (disk.path,))[0]
    reason = f"{_describe(disk)} on {ceph.node.name} is not empty: {_content(disk)}."
    return [Refusal(reason, f"Choose another disk, or name this one in wipe ([{name}]) to destroy what is on it.")]


def _refuse_db(wanted: OsdWanted, disk: Disk, observed: CephOsdObserved) -> list[Refusal]:
    if wanted.db_device is None:
        return []
    db_disk = find_disk(observed.disks, wanted.db_device)
    if db_disk is None:
        return [_unknown(wanted.db_device, observed)]
    if db_disk.path == disk.path:
        return [Refusal(f"{_describe(disk)} cannot be an OSD and its own db_device.", "Leave db_device out.")]
    if db_disk.free or db_disk.used in ("ceph", "LVM"):  # pveceph adds a volume to a volume group that has room
        return []
    reason = f"{_describe(db_disk)}, the db_device of {wanted.device}, is not empty: {_content(db_disk)}."
    return [Refusal(reason, "Choose an empty disk, or one that already holds the databases of other OSDs.")]


def _refuse_silence(desired: CephOsdWanted, observed: CephOsdObserved) -> list[Refusal]:
    if observed.ceph.silence is None or not desired.osds:
        return []
    return [
        Refusal(
            f"The monitors of this Ceph cluster do not answer: {observed.ceph.silence}.",
            "Bring them back first (`systemctl status ceph-mon@NAME` on their nodes).",
        )
    ]


def _unknown(name: str, observed: CephOsdObserved) -> Refusal:
    several = [disk for disk in observed.disks if name in disk.names]
    node = observed.ceph.node.name
    if several:
        paths = ", ".join(disk.path for disk in several)
        return Refusal(f"{name} names several disks of {node}: {paths}.", "Use a path in /dev/disk/by-id.")
    known = ", ".join(_describe(disk) for disk in observed.disks) or "none"
    return Refusal(f"{node} has no disk {name}.", f"Its disks: {known}.")


def _same_disk(name: str, other: str, disk: Disk) -> Refusal:
    return Refusal(f"{name} and {other} are the same disk ({disk.path}).", "List every disk once.")


def _warnings(desired: CephOsdWanted, observed: CephOsdObserved) -> list[str]:
    unstable = [wanted.device for wanted in desired.osds for disk in observed.disks if wanted.device == disk.path]
    warnings = [
        f"{name} on {observed.ceph.node.name} may be another disk after a reboot; a path in /dev/disk/by-id may not."
        for name in unstable
    ]
    for numbers in observed.holders.values():
        for osd in (_known(number, observed.ceph) for number in numbers):
            if osd is not None and not osd.is_in:
                warnings.append(f"osd.{osd.id} on {observed.ceph.node.name} is out: it holds no data.")
    return warnings


def _describe(disk: Disk) -> str:
    serial = f", serial {disk.serial}" if disk.serial else ""
    return f"{(disk.by_id or (disk.path,))[0]} ({disk.size / 10**9:.0f} GB{serial})"


def _content(disk: Disk) -> str:
    details = [*disk.mountpoints, *disk.signatures]
    return f"{disk.used} ({', '.join(details)})" if details else str(disk.used)
