# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph, seen with one node in mind that shall no longer be part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..ceph.conditions import Kind
from ..ceph.safety import CephData, OsdSafety
from ..ceph.state import CephCluster, CephConf, Osd


@dataclass(frozen=True)
class ObservedCephOfNode:
    """``data`` is None when no monitor answers: then ``silence`` says how; without it, no monitor has been made.

    osds: those on the node.

    Who runs there is what the daemons said: a monitor may have any name, and a bucket of the CRUSH map too.
    """

    node: str
    conf: CephConf
    data: Optional[CephData] = None
    osds: OsdSafety = OsdSafety(())
    silence: Optional[str] = None

    @property
    def cluster(self) -> Optional[CephCluster]:
        return None if self.data is None else self.data.cluster

    @property
    def here(self) -> tuple[Osd, ...]:
        """The node's OSDs."""
        return () if self.data is None else self.data.cluster.osds_on(self.node)

    @property
    def mons(self) -> tuple[str, ...]:
        """The node's monitors, of all that are in the map."""
        return () if self.data is None else self._ids("mon", tuple(self.data.monitors.addresses))

    @property
    def mgrs(self) -> tuple[str, ...]:
        return () if self.data is None else self._ids("mgr", self.data.cluster.mgrs)

    @property
    def mdss(self) -> tuple[str, ...]:
        return () if self.data is None else self._ids("mds", tuple(self.data.cluster.mds))

    @property
    def parts(self) -> tuple[str, ...]:
        """All daemons of the node that the monitors know; everything in question when they do not answer."""
        if self.data is None:
            return () if self.silence is None else ("unknown",)
        named = (("mon", self.mons), ("mgr", self.mgrs), ("mds", self.mdss))
        return (*(f"osd.{osd.id}" for osd in self.here), *(f"{kind}.{one}" for kind, ids in named for one in ids))

    def configured(self, kind: Kind) -> tuple[str, ...]:
        """Its daemons of which the configuration has a section, whether they are still there or not."""
        elsewhere = self._elsewhere(kind)
        return tuple(one for one in self.conf.daemons_on(kind, self.node) if one not in elsewhere)

    def _ids(self, kind: Kind, known: tuple[str, ...]) -> tuple[str, ...]:
        """Those that said they run here; of those that have not said where they run, the one with the node's name."""
        here = {self.node, *self.configured(kind)} - self._elsewhere(kind)
        told = () if self.data is None else self.data.cluster.daemons_on(kind, self.node)
        return tuple(sorted(one for one in known if one in {*here, *told}))

    def _elsewhere(self, kind: Kind) -> set[str]:
        """Those that said they run on another node."""
        told = {} if self.data is None else self.data.cluster.daemons.get(kind, {})
        return {one for node, ids in told.items() if node != self.node for one in ids}
