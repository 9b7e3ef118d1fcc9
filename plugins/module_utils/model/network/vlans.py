# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is tried in a VLAN."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trip:
    """From a bridge of this node, out by one of its ports with the tag of a VLAN, to the same bridge of others."""

    bridge: str
    port: str
    tag: int
    peers: tuple[str, ...]

    @property
    def word(self) -> str:
        """For the program that tries it."""
        return f"{self.port}@{self.tag}"
