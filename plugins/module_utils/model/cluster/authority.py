# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The certificate authority that a cluster has: it exists once, in /etc/pve, and signs the certificate of every node.

`pvecm updatecerts` makes a new one wherever it finds none. So on a node whose /etc/pve is still empty it would make a
second one, and no certificate of before would be good any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

AUTHORITY = "/etc/pve/pve-root-ca.pem"
AUTHORITY_KEY = "/etc/pve/priv/pve-root-ca.key"
NODES = "/etc/pve/nodes"
#: In the subject of every authority that Proxmox VE makes.
MADE_BY_UPSTREAM = "PVE Cluster Manager CA"


def certificate_of(node: str) -> str:
    return f"{NODES}/{node}/pve-ssl.pem"


@dataclass(frozen=True)
class ObservedAuthority:
    """What a node finds of its cluster's authority.

    fingerprint: of its certificate, if there is one.  key: its key is there.
    distrust: what openssl says against the certificate of this node; None when it is good, or there is none.
    Only of a certificate that is not good it is asked: ours, whether upstream's code has made it (an administrator may
    have put his own there), and matches, whether the authority's certificate is that of its key.
    """

    fingerprint: Optional[str] = None
    key: bool = False
    distrust: Optional[str] = None
    ours: bool = True
    matches: bool = True

    @property
    def whole(self) -> bool:
        return self.fingerprint is not None and self.key
