# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node tells of Ceph's versions, and what it has against an upgrade, before anything is installed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Optional

from ...engine.errors import Invalid
from ...engine.plan import Refusal
from ...model.upgrade.ceph_release import CEPH_RELEASES, CephRelease, ceph_release
from ...model.upgrade.ceph_state import KINDS, CephDaemon, ObservedCephUpgrade
from ..ceph.pool_refusals import refuse_silence
from .ceph_gates import refuse_release, refuse_state
from .ceph_upgrade import own_behind


def target(name: Optional[str]) -> Optional[CephRelease]:
    """The release that is asked for; None where Ceph stays what it is."""
    if not name:
        return None
    found = ceph_release(name)
    if found is None:
        raise Invalid(f"There is no Ceph {name} known.", f"Known are {', '.join(row.name for row in CEPH_RELEASES)}.")
    return found


def answer(
    to: Optional[CephRelease], observed: ObservedCephUpgrade, interruption: bool, tolerated: Collection[str]
) -> dict[str, Any]:
    """What the module returns."""
    run, version = observed.run, observed.version
    behind = [] if version is None else [one for kind in KINDS for one in own_behind(kind, version, observed)]
    crashes = (run.crashes if run else None) or frozenset()
    refusals = [] if to is None else list(refuse_release(to, observed))
    if run is not None:
        refusals += refuse_state(run, interruption, tolerated, crashes)
    elif observed.node.expects_monitors:
        refusals.append(refuse_silence(observed.silence))
    return {
        "node": observed.node.name,
        "version": version.text if version else "",
        "installed": sorted(observed.installed),
        "behind": [_told(one) for one in behind],
        "daemons": [_told(one) for one in (run.daemons if run else ())],
        "required": run.required if run else "",
        "crashes": sorted(crashes),
        "in_the_way": [str(refusal) for refusal in _unique(refusals)],
        "notes": list(to.notes) if to else [],
    }


def _told(one: CephDaemon) -> dict[str, Any]:
    version = one.version.text if one.version else ""
    return {"kind": one.kind, "id": one.id, "host": one.host, "version": version, "up": one.up, "active": one.active}


def _unique(refusals: Collection[Refusal]) -> list[Refusal]:
    return list(dict.fromkeys(refusals))
