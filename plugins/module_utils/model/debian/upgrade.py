# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What apt would bring to a node, if it were asked now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class PendingUpdate:
    """``installed`` is None for a package that would come anew. security: it comes from Debian's security archive."""

    package: str
    installed: Optional[str]
    available: str
    security: bool = False


@dataclass(frozen=True)
class PendingUpdates:
    """lists_age: days since apt last fetched its lists; None when it never did.

    packages: name → version of what people ask for by name.
    """

    updates: tuple[PendingUpdate, ...] = ()
    lists_age: Optional[int] = None
    packages: Mapping[str, str] = field(default_factory=dict)
