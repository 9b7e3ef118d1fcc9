# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All nodes together: what is wanted of their cluster, and what each of them tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...engine.errors import Invalid
from ...model.cluster.cluster import Member
from ...model.cluster.node_info import NodeInfo
from .device import DeviceCourse, device_course
from .lead import choose_lead
from .wish import DesiredSite


def heard(told: Sequence[Mapping[str, Any]]) -> dict[str, NodeInfo]:
    """What each host that answered says of its cluster."""
    infos = {one["host"]: NodeInfo.parse(one) for one in told if one["answered"]}
    if not infos:
        raise Invalid("No host has said anything about its cluster.")
    return infos


@dataclass(frozen=True)
class Site:
    """``infos``: what each host told.  ``silent``: the hosts that were asked and did not answer."""

    wanted: DesiredSite
    infos: Mapping[str, NodeInfo]
    silent: tuple[str, ...] = ()

    @classmethod
    def parse(cls, told: Sequence[Mapping[str, Any]], wish: Mapping[str, Any]) -> Site:
        """``told``: results of ``cluster_info``, each with the name of its host."""
        return cls(DesiredSite.parse(wish), heard(told), tuple(one["host"] for one in told if not one["answered"]))

    @property
    def playing(self) -> dict[str, NodeInfo]:
        """The hosts that this run may change."""
        return {host: info for host, info in self.infos.items() if host in self.wanted.play}

    @property
    def lead(self) -> str:
        return choose_lead(self.infos, self.wanted.name)

    @property
    def leads_play(self) -> bool:
        """Whether the lead is one of the hosts that this run may change."""
        return self.lead in self.wanted.play

    @property
    def lead_info(self) -> NodeInfo:
        return self.infos[self.lead]

    @property
    def device(self) -> DeviceCourse:
        return device_course(self.wanted.device, self.lead_info, self.leads_play, self.playing)

    @property
    def to_ask(self) -> tuple[str, ...]:
        """The hosts outside of the play that have to be asked. They may be off, so only if no member is in the play."""
        if any(info.member and info.name == self.wanted.name for info in self.playing.values()):
            return ()
        return tuple(host for host in self.wanted.hosts if host not in self.wanted.play)

    @property
    def members_then(self) -> tuple[Member, ...]:
        """The members as they are when a node joins: with the links that the play gives to those in it before that."""
        members = [info for info in self.playing.values() if info.member and info.wanted.links]
        links = {info.node: info.wanted.links for info in members}
        return tuple(
            replace(one, links=links.get(one.name, one.links).numbered_as(one.links)) for one in self.lead_info.nodes
        )
