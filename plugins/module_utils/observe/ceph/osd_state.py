# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what is needed to take OSDs in or out."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.ceph.osd_state import OUT, DesiredOsdState, ObservedOsdState
from . import safety as ceph_safety
from . import state as ceph


def observe(reader: Reader, desired: DesiredOsdState) -> ObservedOsdState:
    """Where the data could go is asked only when an OSD that holds some shall go."""
    found = ceph.observe(reader)
    known = [] if found.cluster is None else [osd for osd in found.cluster.osds if osd.id in desired.osds]
    leaving = [osd.id for osd in known if osd.is_in and desired.membership == OUT]
    return ObservedOsdState(found, ceph_safety.observe(reader, leaving, moving=True) if leaving else None)
