# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told beside the plan."""

from __future__ import annotations

from collections.abc import Iterator

from .apply import foreign
from .change import Change


def warnings(change: Change) -> Iterator[str]:
    off = sorted(name for name, node in change.observed.nodes.items() if node is None)
    if off and change.desired.wishes:
        yield (
            f"{', '.join(off)} is off: nobody knows what it shows. It gets what is applied when it starts"
            " (pve-sdn-commit)."
        )
    others = foreign(change)
    if others:
        yield f"Somebody has staged changes of networks that are not applied yet: {', '.join(others)}."
