# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tells one machine from another, and one cluster from another, when their names are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Identity:
    """None: the node does not have it, or does not tell.

    ``machine_id`` as in machine-id(5), ``host_key`` the public half of the SSH server's ed25519 key, ``product_uuid``
    from the firmware (SMBIOS). ``authority``: SHA-256 of the cluster's certificate authority. ``fsid`` is Ceph's.
    """

    machine_id: Optional[str]
    host_key: Optional[str]
    product_uuid: Optional[str]
    authority: Optional[str]
    fsid: Optional[str]
