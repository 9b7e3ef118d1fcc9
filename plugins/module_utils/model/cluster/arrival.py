# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a member has the data of its cluster, for whoever is about to change that data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObservedArrival:
    """``others``: the further nodes that the cluster's configuration lists. certified: the cluster has given this node
    its certificate, which comes with the data."""

    others: tuple[str, ...] = ()
    certified: bool = False
