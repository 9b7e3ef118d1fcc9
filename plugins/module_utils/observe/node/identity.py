# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what tells this machine and its cluster from others of the same name."""

from __future__ import annotations

import re
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.node.identity import Identity

_AUTHORITY = "/etc/pve/pve-root-ca.pem"
_FSID = re.compile(r"(?m)^\s*fsid\s*=\s*([0-9a-f-]{36})\s*$")


@recorded
def observe(reader: Reader, desired: object = None) -> Identity:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    return Identity(
        machine_id=_text(reader, "/etc/machine-id"),
        host_key=_text(reader, "/etc/ssh/ssh_host_ed25519_key.pub"),
        product_uuid=_text(reader, "/sys/class/dmi/id/product_uuid"),
        authority=reader.digest(_AUTHORITY),
        fsid=parse_fsid(reader.read("/etc/pve/ceph.conf") or ""),
    )


def _text(reader: Reader, path: str) -> Optional[str]:
    """Type and key of a public key file, without its comment; the one word of any other."""
    words = (reader.read(path) or "").split()
    return " ".join(words[:2]) or None


def parse_fsid(text: str) -> Optional[str]:
    found = _FSID.search(text)
    return found.group(1) if found else None
