# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Kubernetes cluster with Calico is found to have, as far as it is about routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from .fabric import DEFAULT_AS, Family, as_number, bare, known

GROUP = "projectcalico.org"
ADDRESS = f"{GROUP}/IPv4Address"
ADDRESS6 = f"{GROUP}/IPv6Address"
AS_NUMBER = f"{GROUP}/ASNumber"
CLUSTER_ID = f"{GROUP}/RouteReflectorClusterID"
#: On a node: what it was like before a change for which it was drained, and on the configuration: what went with the
#: mesh, while nobody has seen yet that all routes are there. Neither is there when no change is under way.
MARK = "baremetal.virt/before"
#: On our CalicoNodeStatus: the uid of the node when it was made.
UID = "baremetal.virt/node-uid"

Wiring = Literal["crd.projectcalico.org/v1", "projectcalico.org/v3"]


@dataclass(frozen=True)
class Pod:
    """``kept``: it stays where it is when its node is drained, as the pods of a DaemonSet do."""

    namespace: str
    name: str
    uid: str
    kept: bool = False
    controlled: bool = True

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Node:
    name: str
    uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    unschedulable: bool = False
    pods: tuple[Pod, ...] = ()

    @property
    def address(self) -> str:
        return bare(self.annotations.get(ADDRESS, ""))

    @property
    def address6(self) -> str:
        return bare(self.annotations.get(ADDRESS6, ""))

    @property
    def addresses(self) -> tuple[str, ...]:
        return known(self.address, self.address6)

    @property
    def asn(self) -> Optional[int]:
        """The AS that is its own; None when it inherits the one of the configuration."""
        return as_number(self.annotations.get(AS_NUMBER, ""))

    @property
    def cluster_id(self) -> str:
        return self.annotations.get(CLUSTER_ID, "")


@dataclass(frozen=True)
class Seen:
    """A session as a node sees it. ``mesh``: it is one of the full mesh."""

    peer: str
    state: str
    mesh: bool = False


@dataclass(frozen=True)
class Route:
    """``best``: the one that BIRD has chosen; ``source``: whom it was learned from, empty for the node's own."""

    prefix: str
    gateway: str = ""
    best: bool = True
    source: str = ""


@dataclass(frozen=True)
class Status:
    """What calico-node tells of its BIRDs, one for each family, in a CalicoNodeStatus. ``ready``: those that neither
    start nor recover.
    """

    node: str
    sessions: tuple[Seen, ...] = ()
    routes: tuple[Route, ...] = ()
    ready: frozenset[Family] = frozenset()
    updated: str = ""


@dataclass(frozen=True)
class Block:
    """``owner``: the node that announces it. ``state``: as its BlockAffinity has it."""

    prefix: str
    owner: str
    state: str = "confirmed"


@dataclass(frozen=True)
class Borrowed:
    """An address in the block of another node, told by a route of its own."""

    address: str
    owner: str
    user: str


@dataclass(frozen=True)
class Pool:
    prefix: str
    exported: bool = True
    ipip: str = "Never"
    vxlan: str = "Never"


@dataclass(frozen=True)
class ObservedCalico:
    """``objects``: what the server has, unchanged, to be put away before a change. ``config``: the spec of
    BGPConfiguration ``default``, None where there is none. ``status_names``: node → its CalicoNodeStatus.
    ``unproved``: what the mark on the configuration keeps; None without one. ``tenants``: block → the pods in it.
    ``statuses``: None where this Calico has none. ``untold``: kinds that the server does not know, although every
    Calico has them: that there are no such objects is not known.
    """

    wiring: Wiring
    nodes: Mapping[str, Node]
    peers: Mapping[str, Mapping[str, Any]]
    filters: Mapping[str, Mapping[str, Any]]
    config: Optional[Mapping[str, Any]]
    statuses: Optional[Mapping[str, Status]]
    status_names: Mapping[str, str] = field(default_factory=dict)
    known_uids: Mapping[str, str] = field(default_factory=dict)
    unproved: Optional[Mapping[str, Any]] = None
    pools: tuple[Pool, ...] = ()
    blocks: tuple[Block, ...] = ()
    borrowed: tuple[Borrowed, ...] = ()
    tenants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    namespace: str = "kube-system"
    policy: str = "policy/v1"
    secret_readable: bool = True
    release: Optional[tuple[int, int]] = None
    untold: tuple[str, ...] = ()
    objects: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def mesh(self) -> bool:
        """Whether the mesh is on; it is where nothing says otherwise."""
        return bool((self.config or {}).get("nodeToNodeMeshEnabled", True))

    @property
    def default_as(self) -> int:
        return as_number((self.config or {}).get("asNumber", "")) or DEFAULT_AS

    def as_of(self, node: Node) -> int:
        return node.asn or self.default_as
