# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A certificate of a node, and until when it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Certificate:
    """``expires``: in UTC, as ISO 8601 has it (``2036-11-19T06:21:17Z``). served: what the web interface shows."""

    path: str
    subject: str
    issuer: str
    expires: str
    served: bool = False
