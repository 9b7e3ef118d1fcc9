# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths are compared by what they are, not by how they are written."""

from __future__ import annotations

from itertools import dropwhile


def canonical_path(text: str) -> str:
    """One spelling for one path: neither ``//`` nor ``/./``, and no slash at its end. Links are not followed.

    Above the root there is the root.
    """
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not text.startswith("/"):
        return "/".join(parts)
    return "/" + "/".join(dropwhile(lambda part: part == "..", parts))


def lies_in(path: str, outer: str) -> bool:
    """Is this path below the other one?"""
    return path != outer and path.startswith(f"{outer.rstrip('/')}/")
