# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What /etc/network/interfaces consists of. Which text is which statement depends on the program that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional, Union

#: ifupdown of Debian; ifupdown2 as Debian has it (3.0); ifupdown2 since it knows source-directory, on which Proxmox
#: VE's build stands; and Proxmox VE's own reader, which the web interface uses.
Program = Literal["ifupdown", "ifupdown2-3.0", "ifupdown2", "pve"]

MAIN = "/etc/network/interfaces"
#: Written by the web interface, and put in place of the file by the next reload or boot, whoever does it.
STAGED = "/etc/network/interfaces.new"


@dataclass(frozen=True)
class Lines:
    """Lines of a file, counted from 0; ``end`` is the first one behind them."""

    first: int
    end: int


@dataclass(frozen=True)
class Option:
    """A line of a stanza. Several lines of one name stay several, in their order."""

    name: str
    value: str
    lines: Lines


@dataclass(frozen=True)
class Stanza:
    """``iface NAME FAMILY METHOD inherits OTHER`` and what belongs to it. lines: to the last option."""

    name: str
    family: str
    method: str
    lines: Lines
    inherits: str = ""
    options: tuple[Option, ...] = ()

    def values(self, *names: str) -> tuple[str, ...]:
        return tuple(option.value for option in self.options if option.name in names)

    def value(self, *names: str) -> Optional[str]:
        """Of several lines the last."""
        found = self.values(*names)
        return found[-1] if found else None


@dataclass(frozen=True)
class Class:
    """``auto``, ``allow-CLASS``, ``no-auto-down``, ``no-scripts`` and ``rename``, with the names behind it."""

    name: str
    interfaces: tuple[str, ...]
    lines: Lines


@dataclass(frozen=True)
class Source:
    """``source PATTERN``, or ``source-directory PATTERN``."""

    pattern: str
    directory: bool
    lines: Lines


@dataclass(frozen=True)
class Mapping:
    """``mapping``: a script chooses the stanza. Kept, not followed."""

    patterns: tuple[str, ...]
    options: tuple[Option, ...]
    lines: Lines


@dataclass(frozen=True)
class Stray:
    """A line that the program keeps, or passes over, without understanding it."""

    text: str
    lines: Lines


@dataclass(frozen=True)
class Problem:
    """What the program takes for an error. Where ifupdown finds one, it reads no further in this file.

    fatal: the program ends at it, whatever file it is in.
    """

    what: str
    lines: Lines
    fatal: bool = False


Statement = Union[Stanza, Class, Source, Mapping, Stray, Problem]
