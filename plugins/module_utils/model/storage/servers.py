# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the data of a storage come from: the hosts that its entry names."""

from __future__ import annotations

import ipaddress
import re
from typing import Optional

from ..cluster.section_config import split_list
from ..node.host import IPAddress
from .cfg import shown
from .entry import StorageEntry

#: Also of types that nobody manages here.
_OPTIONS = ("server", "server2", "portal", "monhost")
_BRACKETS = re.compile(r"\[([^\]]+)\](:\d+)?")


def servers_of(entry: StorageEntry) -> frozenset[str]:
    """Names and addresses as they are written, without ports; none for what lies on the nodes' own disks."""
    texts = (shown(entry.options.get(key, "")) for key in _OPTIONS)
    return frozenset(_host(word) for text in texts for word in split_list(text))


def as_address(host: str) -> Optional[IPAddress]:
    """The address in its one form; None for a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _host(text: str) -> str:
    """Without the port: behind a colon, or behind a dot where the address has colons itself."""
    bracketed = _BRACKETS.fullmatch(text)
    if bracketed:
        return bracketed.group(1)
    if as_address(text) is not None:
        return text
    host, dummy, port = text.rpartition("." if text.count(":") > 1 else ":")
    return host if host and port.isdigit() else text
