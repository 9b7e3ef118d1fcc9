# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to take one daemon out of /etc/pve/ceph.conf: an edit of the text as it is found when its turn comes.

Steps of the same plan, and pveceph on other nodes, change the file too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

_HEADER = re.compile(r"^\s*\[([^\]]*)\]")
_MON_HOST = re.compile(r"^(\s*mon[_ ]host\s*=\s*)(.*?)(\s*)$")
_OWN_ADDRESS = re.compile(r"^\s*(?:public|mon)[_ ]addr\s*=\s*(\S+)")
#: One monitor in ``mon_host``: a list of its addresses in brackets, or one address.
_ENTRY = re.compile(r"\[v(?:[^\[\]]|\[[^\]]*\])*\]|[^\s,;]+")


@dataclass(frozen=True)
class WithoutDaemon:
    """Delete the section ``[kind.name]``; of a monitor also its addresses in ``mon_host``.

    ``addresses``: of the monitor as the cluster knew them; those in its own section are added.
    """

    kind: str
    name: str
    addresses: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        own: list[str] = []
        kept: list[str] = []
        inside = False
        for line in text.splitlines(keepends=True):
            header = _HEADER.match(line)
            inside = header[1].strip() == f"{self.kind}.{self.name}" if header else inside
            (own if inside else kept).append(line)
        if self.kind != "mon":
            return "".join(kept)
        found = (_OWN_ADDRESS.match(line) for line in own)
        gone = {host for one in (*self.addresses, *(match[1] for match in found if match)) for host in _hosts(one)}
        return "".join(_without(line, gone) for line in kept)


def _without(line: str, gone: set[str]) -> str:
    match = _MON_HOST.match(line)
    if match is None:
        return line
    entries = _ENTRY.findall(match[2])
    left = [entry for entry in entries if not gone & set(_hosts(entry))]
    if left == entries:
        return line
    return match[1] + (", " if "," in _ENTRY.sub("", match[2]) else " ").join(left) + match[3]


def _hosts(entry: str) -> Iterator[str]:
    """``10.0.0.1``, ``10.0.0.1:6789/0``, ``[fd00::1]:6789`` or ``[v2:10.0.0.1:3300,v1:10.0.0.1:6789]`` → addresses."""
    inner = entry[1:-1] if entry.startswith("[v") else entry
    for part in inner.split(","):
        address = re.sub(r"^v\d:", "", part.strip()).partition("/")[0]
        bracketed = re.match(r"\[([^\]]*)\]", address)
        host = bracketed[1] if bracketed else address.partition(":")[0] if address.count(":") == 1 else address
        try:
            yield str(ip_address(host))
        except ValueError:
            yield host
