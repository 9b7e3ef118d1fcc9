# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change of the network that the node takes back by itself unless it is confirmed over a new connection.

It is told to the programs ``network_files`` and ``network_guard`` on the node as JSON.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from ..node.state import STATE, VOLATILE

#: What is kept of the time before, as long as the change is neither confirmed nor taken back.
KEPT, KEPT_IN_MEMORY = f"{STATE}/network", f"{VOLATILE}/network"
#: It is there from the preparation to the end of a change; ``state`` is prepared, pending (changed, the timer runs) or
#: back (being taken back).
RECORD = f"{KEPT_IN_MEMORY}/record.json"
UNITS = "/etc/systemd/system"
RELOAD = ("ifreload", "-a")
#: Where ifupdown2 locks; without it, ifreload ends with 89.
FOR_IFUPDOWN = "/run/network"

Verb = Literal["enable", "disable", "mask", "unmask", "start", "stop", "restart"]


@dataclass(frozen=True)
class ChangedFile:
    """text: None to have no such file. mode: as it was, if None; 0644 of a new file. back: what is put back where the
    old text would be read differently, as by another program; else the old one.
    """

    path: str
    text: Optional[str] = field(repr=False)
    mode: Optional[int] = None
    back: Optional[str] = field(default=None, repr=False)

    @property
    def digest(self) -> Optional[str]:
        """SHA-256 of the new text."""
        return None if self.text is None else hashlib.sha256(self.text.encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def document(self) -> dict[str, Any]:
        told = {"path": self.path, "text": self.text, "mode": self.mode}
        return told if self.back is None else {**told, "back": self.back}


@dataclass(frozen=True)
class GuardedChange:
    """files: at least one that becomes another. units: what systemctl is told, in order, after the files.

    activate: loads the new files; restore: loads the old ones. baseline: ``activate`` is run once before, and a change
    that ends worse is taken back at once; not where hooks must not run twice. seconds: after these, what nobody has
    confirmed is taken back. limit: seconds that ``restore``, and ``activate`` without a change, may take.
    """

    files: tuple[ChangedFile, ...]
    units: tuple[tuple[Verb, str], ...] = ()
    activate: tuple[str, ...] = RELOAD
    restore: tuple[str, ...] = RELOAD
    baseline: bool = False
    seconds: int = 60
    limit: int = 30

    @property
    def for_files(self) -> str:
        """For ``network_files``."""
        return json.dumps({"files": [file.document for file in self.files], "units": self.units})

    @property
    def for_guard(self) -> str:
        """For ``network_guard``."""
        commands = {"activate": self.activate, "restore": self.restore, "folder": FOR_IFUPDOWN}
        return json.dumps({**commands, "baseline": self.baseline, "seconds": self.seconds, "limit": self.limit})
