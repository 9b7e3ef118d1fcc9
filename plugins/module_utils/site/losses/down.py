# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When the monitors call OSDs down and out that have fallen silent.

Down: when OSDs of enough different hosts have said so, or after a long silence; then writes go on without them. Out:
some minutes later, unless something holds them in; then their data is made again elsewhere. Parts are of all OSDs in
the map, destroyed ones among them.
Upstream: OSDMonitor.cc (can_mark_down, can_mark_out), "Configuring Monitor/OSD Interaction".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Optional

from ...model.ceph.state import Osd
from .reading import CephReading
from .words import phrase

NODOWN = "nodown"
#: CRUSH's own types, from the smallest on.
_TYPES = tuple("osd host chassis rack row pdu pod room datacenter zone region root".split())


@dataclass(frozen=True)
class Down:
    """``after``: seconds until these OSDs are called down; None: not all ever are. reporters: hosts that may say so.

    stuck: OSDs that never are, as too few would be up, or as a flag forbids it.
    """

    after: Optional[int]
    reporters: int
    needed: int
    stuck: tuple[int, ...] = ()

    @property
    def slow(self) -> bool:
        """Nobody is believed: writes wait until the monitors have heard nothing for a long time."""
        return self.after is None or self.reporters < self.needed


def marked_down(ceph: CephReading, lost: Collection[int]) -> Down:
    settings = ceph.outlook.settings
    osds = ceph.data.cluster.osds
    left = [osd for osd in osds if osd.up and osd.id not in lost]
    level = settings.reporter_subtree_level
    reporters = len({name for osd in left for name in osd.within(level)})
    up, stuck = sum(osd.up for osd in osds), []
    for osd in sorted((osd for osd in osds if osd.up and osd.id in lost), key=lambda one: one.id):
        if NODOWN in ceph.data.flags or up < settings.min_up_ratio * len(osds):
            stuck.append(osd.id)
        else:
            up -= 1
    enough = reporters >= settings.min_down_reporters
    after = settings.heartbeat_grace if enough else settings.report_timeout
    return Down(None if stuck else after, reporters, settings.min_down_reporters, tuple(stuck))


@dataclass(frozen=True)
class Out:
    """``osds``: those that are marked out, the last one ``after`` so many seconds. held: OSD → what keeps it in."""

    osds: tuple[int, ...]
    after: float
    held: tuple[tuple[int, str], ...] = ()


def marked_out(ceph: CephReading, lost: Collection[int]) -> Out:
    """What is down and in now goes out as well."""
    settings, data = ceph.outlook.settings, ceph.data
    osds = data.cluster.osds
    gone = [osd for osd in osds if osd.is_in and not osd.destroyed and (not osd.up or osd.id in lost)]
    silent = sorted(gone, key=lambda one: one.id)
    inside, out, held, after = sum(osd.is_in for osd in osds), [], [], 0.0
    for osd in silent:
        reason = next(_held(osd, ceph, lost), "")
        if not reason and inside < settings.min_in_ratio * len(osds):
            reason = phrase("fewer than {min_in_ratio:.0%} of all OSDs would be in", min_in_ratio=settings.min_in_ratio)
        if reason:
            held.append((osd.id, reason))
            continue
        inside -= 1
        out.append(osd.id)
        passed = 0.0 if osd.id in lost else ceph.outlook.down_for.get(osd.id, 0.0)
        after = max(after, settings.down_out_interval - passed)
    return Out(tuple(out), after, tuple(held))


def _held(osd: Osd, ceph: CephReading, lost: Collection[int]) -> Iterator[str]:
    settings, outlook = ceph.outlook.settings, ceph.outlook
    if settings.down_out_interval <= 0:
        yield phrase("mon_osd_down_out_interval is 0")
    if "noout" in ceph.data.flags:
        yield phrase("the flag noout is set")
    if osd.noout:
        yield phrase("noout is set for {name}", name=f"osd.{osd.id}")
    yield from (
        phrase("noout is set for {name}", name=name)
        for name in sorted(osd.buckets)
        if "noout" in outlook.node_flags.get(name, ())
    )
    if "noout" in outlook.class_flags.get(osd.device_class or "", ()):
        yield phrase("noout is set for the class {device_class}", device_class=osd.device_class)
    limit = settings.down_out_subtree_limit
    for kind, name in sorted(osd.places, key=lambda place: _rank(place[0])):
        below = [one for one in ceph.data.cluster.osds if (kind, name) in one.places]
        if any(one.up and one.id not in lost for one in below):
            return
        if limit and _rank(kind) >= _rank(limit):
            yield phrase(
                "all of {kind} {name} is down (mon_osd_down_out_subtree_limit {limit})",
                kind=kind,
                name=name,
                limit=limit,
            )


def _rank(kind: str) -> int:
    """A type of somebody's own counts as large."""
    return _TYPES.index(kind) if kind in _TYPES else len(_TYPES)
