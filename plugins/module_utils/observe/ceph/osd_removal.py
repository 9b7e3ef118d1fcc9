# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what is needed to take OSDs away for good."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.ceph.osd_removal import DesiredOsdRemoval, ObservedOsdRemoval
from ...model.ceph.state import STATE
from . import osd as ceph_osd
from . import safety as ceph_safety


def observe(reader: Reader, desired: DesiredOsdRemoval) -> ObservedOsdRemoval:
    found = ceph_osd.observe(reader)
    osds = () if found.ceph.cluster is None else found.ceph.cluster.osds
    alive = [osd.id for osd in osds if osd.id in desired.osds and not osd.destroyed]
    safety = ceph_safety.observe(reader, alive) if alive else None
    mounts = {line.split()[1] for line in (reader.read("/proc/mounts") or "").splitlines()}
    mounted = frozenset(number for number in desired.osds if f"{STATE}/osd/ceph-{number}" in mounts)
    return ObservedOsdRemoval(found, safety, mounted)
