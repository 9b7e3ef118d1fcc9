# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom a node is to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """An address that a node is to reach with packets of this size: of another node, or of a gateway.

    what: for people, such as "link 0 of pve2", "Ceph's public network of pve2", "the gateway". source: the node's own
    address that the answer has to find; if empty, the one that its routes choose.
    """

    address: str
    what: str
    mtu: int = 1500
    source: str = ""
