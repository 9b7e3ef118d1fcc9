# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies of guests' volumes that are made on other nodes at intervals. Upstream: pvesr(1)."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "/etc/pve/replication.cfg"


@dataclass(frozen=True)
class ReplicationJob:
    """``removing``: it is marked to be removed, which upstream's scheduler then does."""

    id: str
    guest: int
    target: str
    source: str = ""
    removing: bool = False
