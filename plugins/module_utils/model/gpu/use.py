# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How guests come to a card. Upstream: qm.conf(5), pct.conf(5), lxc.container.conf(5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..guest.guest import NOUNS, GuestKind

#: It has the card; it takes a free one of a mapping; its device belongs to no single card; it may, and has none.
Way = Literal["device", "mapping", "any", "rights"]


@dataclass(frozen=True)
class Use:
    """``written``: PCI addresses, or paths below /dev. onboot: the guest starts with the node."""

    kind: GuestKind
    vmid: int
    key: str
    way: Way
    written: tuple[str, ...] = ()
    mapping: str = ""
    name: str = ""
    running: bool = False
    onboot: bool = False

    @property
    def guest(self) -> str:
        return f"{NOUNS[self.kind]} {self.vmid}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True)
class MappedDevice:
    """A line of a mapping for one node: ``paths`` are alternatives, the others what they are expected to be."""

    mapping: str
    node: str
    paths: tuple[str, ...]
    id: str = ""
    subsystem: str = ""
    group: str = ""
