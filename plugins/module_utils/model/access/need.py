# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody needs, a privilege on a path, held against what he has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Privilege → whether it holds below the path, too.
Held = Mapping[str, bool]


@dataclass(frozen=True, order=True)
class Need:
    """A privilege that somebody needs on a path; ``below``: also on what is below it."""

    path: str
    privilege: str
    below: bool = True

    def met(self, held: Held) -> bool:
        return self.privilege in held and (not self.below or held[self.privilege])


#: To see which jobs sync realms.
SEES_JOBS = Need("/", "Sys.Audit", below=False)


def missing(shown: Mapping[str, Held], needs: Iterable[Need]) -> list[Need]:
    """Those that are not met. ``shown``: path → what somebody has there, also where that is nothing."""
    return sorted(need for need in set(needs) if not need.met(shown[need.path]))
