# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to take one daemon out of /etc/pve/ceph.conf: an edit of the text as it is found when its turn comes.

Steps of the same plan, and pveceph on other nodes, change the file too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from ...model.ceph.conf_text import Setting, parse_layout
from ...model.ceph.state import CONF

_OWN_ADDRESS = ("mon_addr", "public_addr")
_BLANK = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))*")
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
        layout, section = parse_layout(text, CONF), f"{self.kind}.{self.name}"
        cuts = [(part.begin, _blank_lines(text, part.end), "") for part in layout.sections if part.name == section]
        if self.kind == "mon":
            own = [one.value for one in layout.settings if one.section == section and one.key in _OWN_ADDRESS]
            gone = {host for entry in (*self.addresses, *own) for host in _hosts(entry)}
            elsewhere = (one for one in layout.settings if one.section != section and one.key == "mon_host")
            cuts += [(one.begin, one.end, _without(one, text, gone)) for one in elsewhere]
        return _edited(text, cuts)


def _edited(text: str, cuts: Iterable[tuple[int, int, str]]) -> str:
    """From the end to the beginning, so that the places of those that follow stay right."""
    for begin, end, instead in sorted(cuts, reverse=True):
        text = text[:begin] + instead + text[end:]
    return text


def _blank_lines(text: str, end: int) -> int:
    """The end of the empty lines that follow a section."""
    found = _BLANK.match(text, end)
    return found.end() if found else end


def _without(setting: Setting, text: str, gone: set[str]) -> str:
    """How the value of ``mon_host`` is written without these monitors; as it was, if none of them is in it."""
    written = text[setting.begin : setting.end]
    entries = _ENTRY.findall(setting.value)
    left = [entry for entry in entries if not gone & set(_hosts(entry))]
    if left == entries:
        return written
    quote = written[:1] if written[:1] in ("'", '"') else ""
    blanks = written[len(written.rstrip()) :]
    return quote + (", " if "," in _ENTRY.sub("", setting.value) else " ").join(left) + quote + blanks


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
