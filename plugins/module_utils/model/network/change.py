# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change of a node's network, as it is handed to whoever makes it and takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

#: A verb of systemctl, and a unit.
Unit = tuple[str, str]


@dataclass(frozen=True)
class ChangedFile:
    """back: what is put back instead of the old text, where the program of today would read that otherwise."""

    path: str
    text: str
    back: Optional[str] = None


@dataclass(frozen=True)
class NetworkChange:
    """activate: the one command that puts it in force. leases: interfaces whose dhcp client has to end.

    seconds: after so many it is taken back, unless it is confirmed.
    """

    files: tuple[ChangedFile, ...] = ()
    units: tuple[Unit, ...] = ()
    activate: tuple[str, ...] = ()
    leases: tuple[str, ...] = ()
    seconds: int = 60
