# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a failure of pvesm means, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

_OFFLINE = r"storage '(\S+)' is not online"
#: Type of storage → what pvesm prints, and the cure.
CURES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "btrfs": ((r"is not a btrfs file system", "Make one there (`mkfs.btrfs`) and mount it, or take the type dir."),),
    "cifs": (
        (
            _OFFLINE,
            "Does an SMB server answer there, and does it have this share? `smbclient -L SERVER -U USER` tells.",
        ),
        (r"NT_STATUS_(LOGON_FAILURE|ACCESS_DENIED)", "The server refuses: check username, domain and password."),
    ),
    "esxi": ((_OFFLINE, "Does an ESXi host or vCenter answer there, on this port?"),),
    "iscsi": ((_OFFLINE, "Does a target listen there? `pvesm scan iscsi PORTAL` on the node tells."),),
    "nfs": (
        (
            _OFFLINE,
            "Does the server export the directory to this node? `showmount -e SERVER` and `rpcinfo -p SERVER` tell.",
        ),
    ),
}
