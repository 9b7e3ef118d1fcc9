# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a handler is told, and how several things that it has not been told yet become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

from .delta_fifo import Told
from .store import Object, is_replaced


@dataclass(frozen=True)
class Notification:
    """``old``: as the handler knows it, None when it is new.  ``new``: None when it is gone; then ``gone`` says how.

    initial: from the first list, or from the cache for a handler that came late.
    """

    key: str
    old: Optional[Object]
    new: Optional[Object]
    gone: Optional[Told] = None
    initial: bool = False

    @property
    def kind(self) -> Literal["add", "update", "replace", "delete"]:
        if self.new is None:
            return "delete"
        if self.old is None:
            return "add"
        return "replace" if is_replaced(self.old, self.new) else "update"


def coalesced(first: Notification, second: Notification) -> Optional[Notification]:
    """Both in one, for who was told neither and knows ``first.old``; None when there is nothing left to tell."""
    if second.kind == "delete" and first.kind == "add":
        return None
    return Notification(first.key, first.old, second.new, second.gone, first.initial)
