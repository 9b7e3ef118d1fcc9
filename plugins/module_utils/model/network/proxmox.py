# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How Proxmox VE reads the file for its web interface: line by line, without continuation, and nothing that is sourced.

Upstream: __read_etc_network_interfaces() in Interfaces.pm of pve-common. An empty line ends a stanza, so an option
behind one is a line of nobody, which its writer may put in front of another interface.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from .statements import Class, Lines, Option, Stanza, Statement, Stray

_AUTO = re.compile(r"\s*(allow-auto|auto|allow-ovs|allow-hotplug)\s+(.*)")
_IFACE = re.compile(r"\s*iface\s+(\S+)(?:\s+(inet6?)\s+(\S+))?\s*")
_COMMENT = re.compile(r"\s*#")
_NEXT = re.compile(r"\s*(?:(?:iface|mapping|auto|source|source-directory)\s|allow-)")
_OPTION = re.compile(r"\s*(\S+)\s+(\S.*)")


def statements(text: str) -> Iterator[Statement]:
    rows = text.split("\n")
    number = 0
    while number < len(rows):
        row, lines = rows[number], Lines(number, number + 1)
        number += 1
        if _COMMENT.match(row):
            continue
        if automatic := _AUTO.fullmatch(row):
            yield Class("auto", tuple(automatic[2].split()), lines)
        elif header := _IFACE.fullmatch(row):
            stanza, number = _stanza(header, rows, number)
            yield stanza
        elif re.search(r"\w", row):
            yield Stray(row, lines)


def _stanza(header: re.Match[str], rows: list[str], number: int) -> tuple[Stanza, int]:
    """The stanza, and the line with which the file goes on."""
    first, options, end = number - 1, [], number
    while number < len(rows):
        row = rows[number].rstrip()
        option: Optional[re.Match[str]] = None
        if not _COMMENT.match(row):
            option = None if _NEXT.match(rows[number]) else _OPTION.fullmatch(row)
            if option is None:
                break
            options.append(Option(option[1], option[2], Lines(number, number + 1)))
            end = number + 1
        number += 1
    family, method = header[2] or "", header[3] or ""
    return Stanza(header[1], family, method, Lines(first, end), "", tuple(options)), number
