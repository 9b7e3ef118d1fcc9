# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wanted of a cluster as a whole; what is wanted of one node travels with what that tells (``NodeInfo``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Optional

DeviceState = Literal["present", "absent"]


@dataclass(frozen=True)
class DesiredDevice:
    """The quorum device. ``host``: its name in the inventory, "" for none.  ``address``: where nodes reach it."""

    host: str = ""
    address: str = ""
    state: DeviceState = "present"
    allow_odd: bool = False

    @property
    def managed(self) -> bool:
        """Wanted. One that nobody wants, and nobody wants to be gone, is left as it is."""
        return bool(self.host) and self.state == "present"

    @property
    def dropped(self) -> bool:
        return self.state == "absent"

    @property
    def config(self) -> Optional[dict[str, Any]]:
        """What the configuration is to say of it, as ``cluster_config`` takes it."""
        if self.dropped:
            return {"state": "absent"}
        return {"host": self.address, "allow_odd": self.allow_odd} if self.managed else None


@dataclass(frozen=True)
class DesiredSite:
    """``play``: the hosts that this run may change.  ``hosts``: all that are, or will be, nodes of the cluster."""

    name: str
    play: tuple[str, ...]
    hosts: tuple[str, ...]
    token_coefficient: Optional[int] = None
    device: DesiredDevice = DesiredDevice()

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> DesiredSite:
        return cls(
            name=document["name"],
            play=tuple(document["play"]),
            hosts=tuple(document["hosts"]),
            token_coefficient=document.get("token_coefficient"),
            device=DesiredDevice(**document.get("qdevice", {})),
        )
