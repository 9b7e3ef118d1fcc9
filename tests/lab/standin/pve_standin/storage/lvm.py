"""Types lvm and lvmthin: logical volumes, through LVM's own commands.

They can be used on nodes with a kernel of their own. The host's kernel shows the others no volume group.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from pve_standin.core.errors import ApiError
from pve_standin.core.exec import CommandFailed, run
from pve_standin.storage import config
from pve_standin.storage.backend import Backend, backend
from pve_standin.storage.trees import Usage
from pve_standin.storage.volumes import Volume, next_disk_name, split_volid

_GUEST = re.compile(r"^(?:vm|base)-(\d+)-\S+$")
_TAGGED = re.compile(r"(?:^|,)pve-vm-\d+(?:,|$)")
_PLAIN_KINDS = "-mMrR"
_MIB = 1 << 20

Row = dict[str, str]


class LvmBackend(Backend):
    """A volume group."""

    @property
    def group(self) -> str:
        return str(self.storage["vgname"])

    def on_add(self, secret: str | None) -> None:
        """A storage with a base makes its volume group on the base's LUN."""
        base = self._base()
        if base is not None:
            if base.type.name != "iscsi":
                raise ApiError(500, f"unsupported base type '{base.type.name}'")
            base.activate()
            make_group(base.path(split_volid(self.storage["base"])[1]), self.group)

    def _base(self) -> Backend | None:
        if "base" not in self.storage:
            return None
        name = split_volid(self.storage["base"])[0]
        storages = config.read().storages
        if name not in storages:
            raise ApiError(500, f"base storage ID '{name}' does not exist")
        return backend(name, storages[name])

    def activate(self) -> None:
        base = self._base()
        if base is not None:
            base.activate()
        if self.group not in groups():
            lvm("vgscan", "--ignorelockingfailure", "--mknodes")

    def usage(self) -> Usage | None:
        return groups().get(self.group)

    def volumes(self) -> list[Volume]:
        found = [row for row in logical_volumes(self.group) if self._is_mine(row)]
        return [
            Volume(f"{self.name}:{row['lv_name']}", "images", "raw", int(row["lv_size"]), int(row["lv_time"]), vmid)
            for row in found
            if (vmid := _owner(row["lv_name"])) is not None
        ]

    def _is_mine(self, row: Row) -> bool:
        tagged = not self.storage.get("tagged_only") or _TAGGED.search(row["lv_tags"]) is not None
        return row["lv_attr"][0] in _PLAIN_KINDS and row["lv_name"].startswith("vm-") and tagged

    def alloc(self, vmid: int, name: str | None, form: str | None, size_kib: int) -> str:
        if form not in (None, "raw"):
            raise ApiError(500, f"unsupported format '{form}'")
        if self.group not in groups():
            raise ApiError(500, f"no such volume group '{self.group}'")
        volume = name or next_disk_name([row["lv_name"] for row in logical_volumes(self.group)], vmid)
        if _owner(volume) is None:
            raise ApiError(500, f"unable to parse lvm volume name '{volume}'")
        self._create(vmid, volume, size_kib)
        return volume

    def _create(self, vmid: int, volume: str, size_kib: int) -> None:
        words = ["-aly", "-Wy", "--yes", "--size", f"{size_kib}k", "--name", volume, "--setautoactivation", "n"]
        lvm("lvcreate", *words, "--addtag", f"pve-vm-{vmid}", self.group, failed=f"lvcreate '{self.group}/{volume}'")

    def free(self, volume: str) -> None:
        """With `saferemove` it is filled with zeros before. Upstream does that later, in a task of its own."""
        if self.storage.get("saferemove"):
            step = int(self.storage.get("saferemove-stepsize", 32)) * _MIB
            lvm("lvrename", self.group, volume, f"del-{volume}", failed=f"lvrename '{self.group}/{volume}'")
            volume = f"del-{volume}"
            device = f"/dev/{self.group}/{volume}"
            print(f"zero-out data on image {volume} ({device})", flush=True)
            lvm("lvchange", "-aly", device, failed=f"can't activate LV '{device}' to zero-out its data")
            run(["/sbin/blkdiscard", device, "--zeroout", "--step", str(step)])
        lvm("lvremove", "-f", f"{self.group}/{volume}", failed=f"lvremove '{self.group}/{volume}'")

    def path(self, volume: str) -> str:
        return f"/dev/{self.group}/{volume}"


class LvmThinBackend(LvmBackend):
    """A thin pool in a volume group."""

    @property
    def pool(self) -> str:
        return str(self.storage["thinpool"])

    def _row(self) -> Row | None:
        return next((row for row in logical_volumes(self.group) if row["lv_name"] == self.pool), None)

    def activate(self) -> None:
        super().activate()
        row = self._row()
        if row is None:
            raise ApiError(500, f"no such logical volume {self.group}/{self.pool}")
        if row["lv_attr"][4] != "a":
            place = f"{self.group}/{self.pool}"
            lvm("lvchange", "-ay", "-K", place, failed=f"activating LV '{place}' failed")

    def usage(self) -> Usage | None:
        row = self._row()
        if row is None or row["lv_attr"][0] != "t" or row["lv_attr"][4] != "a":
            return None
        size = int(row["lv_size"])
        used = int(float(row["data_percent"] or 0) * size / 100)
        return Usage(total=size, used=used, avail=size - used)

    def _is_mine(self, row: Row) -> bool:
        return row["lv_attr"][0] == "V" and row["pool_lv"] == self.pool

    def _create(self, vmid: int, volume: str, size_kib: int) -> None:
        words = ["-aly", "-V", f"{size_kib}k", "--name", volume, "--thinpool", f"{self.group}/{self.pool}"]
        lvm("lvcreate", *words, failed=f"lvcreate '{self.group}/{volume}'")
        lvm("lvchange", "--setautoactivation", "n", f"{self.group}/{volume}")


def make_group(device: str, group: str) -> None:
    """A volume group on an empty device; one that is there already is what was wanted."""
    rows = report("pvs", "pv", "pv_name,vg_name", device)
    owner = rows[0]["vg_name"] if rows else ""
    if owner == group:
        return
    if owner:
        raise ApiError(500, f"device '{device}' is already used by volume group '{owner}'")
    with suppress(OSError), open(device, "r+b", buffering=0) as handle:  # pvcreate tells what is wrong with it
        handle.write(bytes(512))
    lvm("pvcreate", "--metadatasize", "250k", device, failed=f"pvcreate '{device}'")
    lvm("vgcreate", group, device, failed=f"vgcreate {group} {device}")


def groups() -> dict[str, Usage]:
    """The volume groups that this node sees."""
    found = {}
    for row in report("vgs", "vg", "vg_name,vg_size,vg_free"):
        size, free = int(row["vg_size"]), int(row["vg_free"])
        found[row["vg_name"]] = Usage(total=size, used=size - free, avail=free)
    return found


def logical_volumes(group: str) -> list[Row]:
    """The logical volumes of a group; none when there is no such group."""
    fields = "lv_name,lv_size,lv_attr,pool_lv,data_percent,lv_tags,lv_time"
    return report("lvs", "lv", fields, group)


def report(program: str, kind: str, fields: str, *names: str) -> list[Row]:
    """The rows of one of LVM's reports; none when what is named does not exist."""
    form = ["--reportformat", "json", "--units", "b", "--nosuffix", "--config", 'report/time_format="%s"']
    done = run([f"/sbin/{program}", *form, "--options", fields, *names], check=False)
    document: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {"report": [{}]}
    return list(document["report"][0].get(kind, []))


def lvm(program: str, *words: str, failed: str = "") -> None:
    try:
        run([f"/sbin/{program}", *words])
    except CommandFailed as error:
        reason = (error.result.stderr.strip().splitlines() or [str(error)])[-1].strip()
        raise ApiError(500, f"{failed} error: {reason}" if failed else reason, errno=error.result.returncode) from error


def _owner(volume: str) -> int | None:
    match = _GUEST.match(volume)
    return int(match.group(1)) if match else None
