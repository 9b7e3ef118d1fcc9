# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wanted of one node in its cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ..node.host import Address
from .context import ClusterContext, Lead, PlannedNode
from .links import LinkRequest, Links
from .paths import LATENCY_LIMIT, Paths


@dataclass(frozen=True)
class DesiredCluster:
    """Desired state of one node in its cluster; without a lead the node creates the cluster.

    ``secret``: what pvecm reads in place of root's password of the lead: that password, or a ticket.
    ``over_ssh``: pvecm logs in to the lead by SSH instead of using its API.
    ``tried``: its addresses on the links, if these are to be tried before it joins.
    ``complete``: a node that joins is to see the cluster complete in the end; ``authority`` is then the fingerprint of
    the cluster's authority from before, if that is known.
    ``reconfigured``: links and votes of a node that is a member are somebody else's to change.
    ``coming``: the addresses that the node will have, if its network is changed before.
    """

    name: str
    requests: tuple[LinkRequest, ...] = ()
    priorities: tuple[int, ...] = ()
    nodeid: Optional[int] = None
    votes: Optional[int] = None
    fingerprint: Optional[str] = None
    secret: Optional[str] = field(default=None, repr=False)
    over_ssh: bool = False
    latency_limit: float = LATENCY_LIMIT
    allow_public_networks: bool = False
    join_drops_keys: bool = False
    reconfigured: bool = False
    tried: Links = Links({})
    complete: bool = False
    authority: Optional[str] = None
    context: ClusterContext = ClusterContext()
    coming: tuple[Address, ...] = ()

    @property
    def lead(self) -> Optional[Lead]:
        return self.context.lead

    @property
    def nodes(self) -> tuple[PlannedNode, ...]:
        return self.context.nodes

    @property
    def paths(self) -> Optional[Paths]:
        return self.context.paths
