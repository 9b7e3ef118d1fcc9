# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/etc/hosts, kept entry by entry: lines that name none of our hosts stay byte for byte.

Upstream: hosts(5). Proxmox VE finds its own address by its own name, so that name must not resolve to loopback.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional

from ...engine import c_text
from ..node.host import IPAddress

HOSTS_FILE = "/etc/hosts"


@dataclass(frozen=True)
class HostEntry:
    """A host's name (with its domain, if it has one) and one of its addresses."""

    name: str
    address: IPAddress

    @property
    def names(self) -> tuple[str, ...]:
        """The name as given and the short one, in the order in which hosts(5) wants them."""
        return tuple(dict.fromkeys((self.name, self.name.partition(".")[0])))

    @property
    def line(self) -> str:
        return " ".join((str(self.address), *self.names))


def edited(text: str, entries: Iterable[HostEntry]) -> str:
    """The file with every entry in force: its names resolve to its address, not to another one or to loopback."""
    lines = c_text.lines(text if _misread(text) == text else f"{text}\n")
    for entry in entries:
        lines = _with_entry(lines, entry)
    return "".join(lines)


def _with_entry(lines: list[str], entry: HostEntry) -> list[str]:
    kept: list[str] = []
    present = False
    for line in lines:
        address, names = _fields(line)
        if address is None or not _folded(names) & _folded(entry.names):
            kept.append(line)
        elif address == entry.address and not present:
            kept.append(_complete(line, names, entry))
            present = True
        elif _competes(address, entry.address):
            kept += _without(line, names, entry)
        else:
            kept.append(line)
    if not present:
        if kept and not kept[-1].endswith("\n"):
            kept[-1] += "\n"
        kept.append(f"{entry.line}\n")
    return kept


def _competes(address: IPAddress, wanted: IPAddress) -> bool:
    """A name may have one address of each family, and none on loopback."""
    return address.is_loopback or address.version == wanted.version


def _complete(line: str, names: tuple[str, ...], entry: HostEntry) -> str:
    """The line with all of the entry's names, and the others it has."""
    if _folded(entry.names) <= _folded(names):
        return line
    return _line(" ".join((entry.line, *_others(names, entry))), line)


def _without(line: str, names: tuple[str, ...], entry: HostEntry) -> list[str]:
    """The line without the entry's names; no line when it has no others."""
    others = _others(names, entry)
    return [_line(" ".join((c_text.words(line)[0], *others)), line)] if others else []


def _others(names: tuple[str, ...], entry: HostEntry) -> list[str]:
    return [name for name in names if name.lower() not in _folded(entry.names)]


def _folded(names: Iterable[str]) -> frozenset[str]:
    """The resolver does not tell PVE1 from pve1."""
    return frozenset(name.lower() for name in names)


def _line(fields: str, old: str) -> str:
    """New fields with the remark and the line end of the old line."""
    _before, sign, remark = old.rstrip("\n").partition("#")
    end = "\n" if old.endswith("\n") else ""
    return f"{fields} #{remark}{end}" if sign else f"{fields}{end}"


def _misread(text: str) -> str:
    """The file as the C library reads it: of a last line that has no end, it moves what follows the blanks at its
    begin to the front, and reads as many letters from its end a second time."""
    before, end, last = text.rpartition("\n")
    line = last.lstrip(c_text.SPACE)
    return f"{before}{end}{line}{last[len(line) :]}" if line and line != last else text


def _fields(line: str) -> tuple[Optional[IPAddress], tuple[str, ...]]:
    """The address and the names of a line; no address where the resolver finds none, as with ``fe80::1%eth0``."""
    words = c_text.words(line.partition("#")[0])
    try:
        return (ipaddress.ip_address(words[0]), words[1:]) if words and "%" not in words[0] else (None, ())
    except ValueError:
        return None, ()


def as_document(text: str) -> Mapping[str, list[str]]:
    """Name → the addresses it has in the file, for diffs."""
    found: dict[str, list[str]] = {}
    for line in c_text.lines(_misread(text)):
        address, names = _fields(line)
        for name in names:
            found.setdefault(name.lower(), []).append(str(address))
    return found
