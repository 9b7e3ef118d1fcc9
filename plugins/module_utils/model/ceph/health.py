# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ceph's health checks mean to the person who brings a cluster up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

from .health_codes import HEALTH_CODES
from .state import Check, ObservedCeph

#: Not one of Ceph's codes: there is nobody to ask.
NO_MONITORS = "NO_MONITORS"
_NO_MONITORS = "No monitor answers. Look at the ceph-mon units and at the network between the nodes."


@dataclass(frozen=True)
class Health:
    """``status`` is Ceph's word for it, None when there is nobody to ask. ``intolerable``: what must not stay."""

    status: Optional[str]
    checks: tuple[Check, ...]
    intolerable: tuple[Check, ...]

    @property
    def lasting(self) -> tuple[Check, ...]:
        """What must not stay, and does as long as nobody does anything about it."""
        known = ((check, HEALTH_CODES.get(check.code)) for check in self.intolerable)
        return tuple(check for check, code in known if code is not None and code.lasting)


def judge(observed: ObservedCeph, tolerated: Iterable[str]) -> Health:
    """Muted checks are tolerated too, as the administrator has said so to Ceph, but not those that are about copies of
    data: a mute may outlive the alarm it was meant for."""
    if observed.cluster is None:
        silence = Check(NO_MONITORS, "HEALTH_ERR", observed.silence or "no monitor has been made yet")
        return Health(None, (), (silence,))
    codes = frozenset(tolerated)
    checks = observed.cluster.checks
    return Health(
        status=observed.cluster.health,
        checks=checks,
        intolerable=tuple(check for check in checks if check.code not in codes and not _is_hidden(check)),
    )


def _is_hidden(check: Check) -> bool:
    known = HEALTH_CODES.get(check.code)
    return check.muted and not (known is not None and known.loud)


def explain(check: Check) -> str:
    """Code, Ceph's own message, and what it means."""
    if check.code == NO_MONITORS:
        return f"{check.code}: {check.message}. {_NO_MONITORS}"
    known = HEALTH_CODES.get(check.code)
    muted = " (muted)" if check.muted else ""
    meaning = "See `ceph health detail`." if known is None else known.meaning
    return f"{check.code}{muted}: {check.message}. {meaning}"
