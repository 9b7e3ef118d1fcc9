# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How ifupdown2 reads a file: a backslash anywhere joins what is around it, before comments are looked at.

Upstream: process_interfaces() and parse_iface() in networkinterfaces.py. White space and line ends are Python's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .statements import Class, Lines, Option, Problem, Program, Source, Stanza, Statement

_STRIPPED = "\n\t\r "
_GAP = re.compile(r"\s+")
FAMILIES = ("inet", "inet6")
METHODS = ("static", "manual", "loopback", "dhcp", "dhcp6", "ppp", "tunnel")
_KEYWORDS = ("source", "allow", "auto", "iface", "vlan")
#: Only the first is what it seems; the second is a class that nobody brings up.
_AUTO = ("auto", "allow-auto")
#: Each of these belongs to an address: without one above it in the stanza it counts for nothing.
OF_AN_ADDRESS = ("scope", "netmask", "broadcast", "preferred-lifetime")


def logical_lines(text: str) -> Iterator[tuple[str, Lines]]:
    """With comments, as one may have swallowed what follows it; and empty lines."""
    number = first = last = 0
    line = ""
    for place, part in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\\")):
        bare = part.strip()
        begins = len(part) - len(part.lstrip()) if bare else len(part)
        last = number if place else last
        number += part[:begins].count("\n")
        first = first if place else number
        *rows, left = ((" " if place else "") + bare).split("\n")
        for row in rows:
            yield (line + row).strip(_STRIPPED), Lines(first, number + 1)
            number += 1
            line, first = "", number
        line += left
        last = number if bare else last
        number += part[begins + len(bare) :].count("\n")
    yield line.strip(_STRIPPED), Lines(first, last + 1)


def _is_keyword(word: str, program: Program) -> bool:
    known = (*_KEYWORDS, "source-directory") if program == "ifupdown2" else _KEYWORDS
    return word in known or word.partition("-")[0] == "allow"


def statements(text: str, program: Program) -> Iterator[Statement]:
    rows = list(logical_lines(text))
    place = 0
    while place < len(rows):
        line, lines = rows[place]
        place += 1
        if not line or line.startswith("#"):
            continue
        words = _GAP.split(line)
        if not _is_keyword(words[0], program):
            yield Problem(f"error processing line '{line}'", lines)
        elif words[0] in ("iface", "vlan"):
            body = _body(rows, place, program)
            place += len(body)
            yield from _stanza(words, lines, body)
        else:
            yield _statement(words, lines)


def _statement(words: list[str], lines: Lines) -> Statement:
    if len(words) < 2 or words[0] == "allow":
        return Problem(f"invalid line '{words[0]}'", lines, fatal=words[0] != "auto")
    if words[0].startswith("source"):
        return Source(words[1], words[0] != "source", lines)
    kind = words[0].partition("-")[2].partition("-")[0]
    return Class(words[0] if words[0] in _AUTO else kind, tuple(words[1:]), lines)


def _body(rows: list[tuple[str, Lines]], place: int, program: Program) -> list[tuple[str, Lines]]:
    """The lines up to the next keyword."""
    end = place
    while end < len(rows) and not _is_keyword(_GAP.split(rows[end][0], maxsplit=1)[0], program):
        end += 1
    return rows[place:end]


def _stanza(words: list[str], lines: Lines, body: list[tuple[str, Lines]]) -> Iterator[Statement]:
    if len(words) < 2:
        yield Problem("an iface line without a name", lines, fatal=True)
        return
    name, end = words[1], lines.end
    options: list[Option] = []
    for line, where in body:
        key, *value = _GAP.split(line, maxsplit=1)
        if not line or line.startswith("#"):
            continue
        if not value:
            yield Problem(f"iface {name}: invalid syntax '{line}'", where)
        else:
            key = key.replace("_", "-")
            if key not in OF_AN_ADDRESS or any(option.name == "address" for option in options):
                options.append(Option(key, value[0].replace("$IFACE", name), where))
        end = where.end
    family, method = (words[2:4] + ["", ""])[:2]
    if family and family not in FAMILIES:
        yield Problem(f"iface {name}: unsupported address family '{family}'", lines)
        family, method = "", ""
    elif family and method and method not in METHODS:
        yield Problem(f"iface {name}: unsupported address method '{method}'", lines)
    elif family and not method:
        method = "static"
    yield Stanza(name.partition(":")[0], family, method, Lines(lines.first, end), "", tuple(options))
