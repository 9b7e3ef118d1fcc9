# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of what differs between the releases of Ceph for somebody who goes from one to the next.

Which of them a release of Proxmox VE offers stands in ``model/debian/release.py``. Upstream: Ceph's release notes, its
security notes, and what cephadm asks before an upgrade.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

#: Releases that one step may pass: daemons do not start in a cluster that is further behind.
MAX_STEP = 2
#: The other form of OSDs that is found in clusters of before 2018.
FILESTORE = "filestore"

_VERSION = re.compile(r"ceph version (\d+)\.(\d+)\.(\d+)\S* \((\w+)\) (\w+)")


@dataclass(frozen=True)
class CephRelease:
    """``since``: the oldest release that it may be installed over, as far as upstream advises it.

    osd_stores, mon_stores: what its daemons can open. modules_gone: modules of the manager that it has no more.
    bad: (version, version), from the first to the last of those that must not be installed, → why.
    notes: what a person has to know beforehand.
    """

    name: str
    major: int
    since: str
    osd_stores: tuple[str, ...] = ("bluestore",)
    mon_stores: tuple[str, ...] = ("rocksdb",)
    modules_gone: tuple[str, ...] = ()
    bad: Mapping[tuple[tuple[int, ...], tuple[int, ...]], str] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()


CEPH_RELEASES = (
    CephRelease("octopus", 15, "nautilus", ("bluestore", FILESTORE), ("rocksdb", "leveldb")),
    CephRelease("pacific", 16, "nautilus", ("bluestore", FILESTORE), ("rocksdb", "leveldb")),
    CephRelease("quincy", 17, "octopus", ("bluestore", FILESTORE), ("rocksdb",)),
    CephRelease(
        "reef",
        18,
        "quincy",
        bad={((18, 2, 5), (18, 2, 6)): "a fault in BlueFS damages OSDs"},
        notes=("Recovery is slower with its scheduler (mClock), so each OSD may take longer to have all its copies.",),
    ),
    CephRelease(
        "squid",
        19,
        "quincy",
        notes=(
            "Pools without an application are warned of from now on, unused ones too (POOL_APP_NOT_ENABLED).",
            "OSDs that are made anew on 19.2.0 and 19.2.1 may crash: set bluestore_elastic_shared_blobs to false before"
            " making any.",
        ),
    ),
    CephRelease("tentacle", 20, "reef", modules_gone=("restful", "zabbix")),
)
#: From these on every key of an earlier version is reported as an error, until somebody rotates it.
_NEW_KEYS = ((19, 2, 6), (20, 2, 4))


@dataclass(frozen=True)
class CephVersion:
    """A version of Ceph's programs. ``text`` is what they print: builds of one number differ only in the commit."""

    text: str
    number: tuple[int, ...]
    commit: str
    release: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.number))} ({self.release}, {self.commit[:8]})"


def parse_version(text: str) -> Optional[CephVersion]:
    """``ceph version 18.2.7 (6b0e98...) reef (stable)``; None for anything else."""
    found = _VERSION.match(text)
    return CephVersion(text.strip(), tuple(map(int, found.group(1, 2, 3))), found[4], found[5]) if found else None


def ceph_release(name: str) -> Optional[CephRelease]:
    return next((row for row in CEPH_RELEASES if row.name == name), None)


def refuse_version(version: CephVersion, oldest: Optional[CephVersion]) -> str:
    """Why this version must not run where the oldest daemon is that one; empty when it may."""
    release = ceph_release(version.release)
    for (first, last), why in (release.bad if release else {}).items():
        if first <= version.number <= last:
            return why
    tickets, later = _NEW_KEYS
    if oldest is not None and tickets <= oldest.number < later and (20,) <= version.number < later:
        return "it does not know the keys that the cluster has by now: at least 20.2.4 does"
    return ""
