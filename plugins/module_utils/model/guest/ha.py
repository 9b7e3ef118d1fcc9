# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the HA manager is in charge of, and where. Upstream: ha-manager(1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...engine.condition import Condition
from ...engine.reader import Question
from .guest import Guest
from .maintenance import MAINTENANCE, MANAGER_STATUS, REQUESTS

FOLDER = "/etc/pve/ha"
_STATUS = Question("read", (MANAGER_STATUS,))
#: The HA manager does what it was told within some rounds of ten seconds.
HA_DEADLINE = 120
#: The lock of a manager whose node has lost its power is free after two minutes; then another one takes its place.
MANAGER_DEADLINE = HA_DEADLINE + 120
#: Wanted states in which HA runs a resource; ``enabled`` is an old word for ``started``.
_RUN = ("started", "enabled")


@dataclass(frozen=True)
class NodeAffinity:
    """A rule (or, before Proxmox VE 9, a group) that ties HA resources to nodes. ``nodes``: name → priority or "".

    strict: they run nowhere else. disabled: it is kept, and has no effect.
    """

    name: str
    nodes: Mapping[str, str]
    resources: frozenset[str] = frozenset()
    strict: bool = False
    group: bool = False
    disabled: bool = False

    def binds_to(self, node: str) -> bool:
        """Its resources may run on this node only."""
        return self.strict and not self.disabled and set(self.nodes) == {node}


@dataclass(frozen=True)
class HighAvailability:
    """``resources``: sid → state wanted. ``services``: sid → (node, state). ``nodes``: node → what the manager says.

    asked_free: the nodes that it was asked to keep free, also those that are no more.
    """

    resources: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)
    affinities: tuple[NodeAffinity, ...] = ()
    asked_free: frozenset[str] = frozenset()

    def manages(self, guest: Guest) -> bool:
        return guest.sid in self.resources

    def runs(self, guest: Guest) -> bool:
        """It is to run, so HA moves it away from a node in maintenance."""
        return self.resources.get(guest.sid) in _RUN

    def in_maintenance(self, node: str) -> bool:
        return self.nodes.get(node) == MAINTENANCE


def in_maintenance(node: str) -> Condition:
    """The HA manager has noted that it is to keep the node free."""
    return Condition(_STATUS, ("node_status", node), "is", MAINTENANCE, f"{node} to be in maintenance mode")


def freed_of_request(node: str) -> Condition:
    """The HA manager has taken back that it was to keep the node free; what it was told leaves an empty entry."""
    says = f"the HA manager to forget the maintenance mode of {node}"
    return Condition(_STATUS, (REQUESTS, node), "lacks", MAINTENANCE, says)


def online_for_ha(node: str) -> Condition:
    """The HA manager has noted that it may use the node."""
    return Condition(_STATUS, ("node_status", node), "is not", MAINTENANCE, f"{node} to be out of maintenance mode")
