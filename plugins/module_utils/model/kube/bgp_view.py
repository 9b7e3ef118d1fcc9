# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a BGP speaker shows of itself: neighbours, routes that it has chosen, and those in the kernel's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

ESTABLISHED = "Established"
Kind = Literal["via", "dev", "blackhole", "unreachable"]


@dataclass(frozen=True)
class Neighbour:
    """``name``: its address, or the interface behind which it is. ``imported``, ``exported``: routes, where told.

    ``blocked``: both ends are up, and this one lets no route through, as no policy says that it may. ``host``: the
    name of the host at the other end, where ``name`` is an interface.
    """

    name: str
    state: str
    asn: Optional[int] = None
    error: str = ""
    imported: Optional[int] = None
    filtered: int = 0
    exported: Optional[int] = None
    hold: Optional[float] = None
    blocked: bool = False
    host: str = ""

    @property
    def up(self) -> bool:
        return self.state == ESTABLISHED


@dataclass(frozen=True)
class Chosen:
    """A route in the speaker's table. ``resolved``: there is a way to its next hop. ``synced``: the kernel took it.

    ``source``: whom it was learned from. BIRD prints that only where it is not the next hop; the protocol is named so.
    """

    prefix: str
    kind: Kind
    gateways: tuple[str, ...] = ()
    best: bool = True
    resolved: bool = True
    synced: bool = True
    static: bool = False
    source: str = ""


@dataclass(frozen=True)
class Installed:
    """A route in the kernel's table."""

    prefix: str
    kind: Kind
    gateways: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    protocol: str = ""


@dataclass(frozen=True)
class View:
    """``recovering``: seconds for which it waits, at most, for neighbours after a start; None when it does not.

    ``by``: the program that writes the kernel's table.
    """

    neighbours: tuple[Neighbour, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    installed: tuple[Installed, ...] = ()
    recovering: Optional[float] = None
    by: str = "bird"
