# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who belongs to a site: the hosts of the inventory, and members of the cluster that the inventory lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Optional, TypeVar

from ...model.cluster.cluster import CorosyncConfig, Member
from ...model.node.look import NodeLook, Part, SiteLook, Unknown, known
from .section import Missing

T = TypeVar("T")


@dataclass(frozen=True)
class SiteNode:
    """``host``: its name in the inventory, "" if it has none. look: None when it did not answer; then ``silence``."""

    name: str
    host: str = ""
    look: Optional[NodeLook] = None
    silence: str = ""

    def part(self, pick: Callable[[NodeLook], Part[T]]) -> Part[T]:
        return Unknown(self.silence) if self.look is None else pick(self.look)


@dataclass(frozen=True)
class Site:
    """``nodes`` in the order of the inventory."""

    nodes: tuple[SiteNode, ...]
    config: Optional[CorosyncConfig] = field(default=None)

    @classmethod
    def of(cls, found: SiteLook) -> Site:
        config = newest_config(found.nodes.values())
        nodes = list(_hosts(found, config))
        named = {node.name for node in nodes}
        missing = [one.name for one in (config.members if config else ()) if one.name not in named]
        unlisted = (SiteNode(name, silence="It is not in the inventory, so it was not asked.") for name in missing)
        return cls((*nodes, *unlisted), config)

    @cached_property
    def members(self) -> dict[str, Member]:
        return {one.name: one for one in (self.config.members if self.config else ())}

    @cached_property
    def answering(self) -> tuple[SiteNode, ...]:
        return tuple(node for node in self.nodes if node.look is not None)

    def node(self, name: str) -> Optional[SiteNode]:
        return next((node for node in self.nodes if node.name == name), None)

    def numbered(self, nodeid: int) -> str:
        """The name of the node that corosync calls so."""
        return next((name for name, one in self.members.items() if one.nodeid == nodeid), f"node {nodeid}")

    def told(self, pick: Callable[[NodeLook], Part[Optional[T]]]) -> list[T]:
        """What those nodes say that can, in their order."""
        found = (known(node.part(pick)) for node in self.nodes)
        return [one for one in found if one is not None]


def ask(
    nodes: Iterable[SiteNode], pick: Callable[[NodeLook], Part[T]]
) -> tuple[list[tuple[SiteNode, T]], list[Missing]]:
    """Who says what, and who does not."""
    told, missing = [], []
    for node in nodes:
        found = node.part(pick)
        if isinstance(found, Unknown):
            missing.append(Missing(node.name, found.why))
        else:
            told.append((node, found))
    return told, missing


def newest_config(looks: Iterable[NodeLook]) -> Optional[CorosyncConfig]:
    """The configuration with the highest version that any node has, in /etc/pve or beside corosync."""
    found: list[CorosyncConfig] = []
    for look in looks:
        cluster, local = known(look.cluster), known(look.config)
        found += [one for one in (cluster.config if cluster else None, local) if one is not None]
    return max(found, key=lambda one: one.version, default=None)


def _hosts(found: SiteLook, config: Optional[CorosyncConfig]) -> Iterator[SiteNode]:
    for host in found.order:
        look = found.nodes.get(host)
        if look is None:
            yield SiteNode(_name_of(host, found, config), host, None, found.silent.get(host, "It was not asked."))
        else:
            this = known(look.host)
            yield SiteNode(_name_of(host, found, config) if this is None else this.name, host, look)


def _name_of(host: str, found: SiteLook, config: Optional[CorosyncConfig]) -> str:
    """Of a host that did not say it itself: the member that has its name, or its address."""
    members = config.members if config else ()
    same = [one.name for one in members if host in (one.name, *one.addresses)]
    address = found.addresses.get(host)
    return (same or [one.name for one in members if address and address in one.addresses] or [host])[0]
