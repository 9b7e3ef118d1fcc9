# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read how far a migration is that this collection has begun on this node."""

from __future__ import annotations

from typing import Optional

from ...engine.reader import Reader
from ...model.guest.migration import Migration, log_of, parse_log


def observe(reader: Reader, vmid: int) -> Optional[Migration]:
    """None when it is not at work: it was never begun here, has ended, or was killed."""
    found = parse_log(reader.read(log_of(vmid)) or "")
    if found is None or found.ended or reader.entry(f"/proc/{found.pid}") is None:
        return None
    return found
