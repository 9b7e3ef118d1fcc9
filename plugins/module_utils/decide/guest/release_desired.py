# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → who is to give his machines back, or keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.access import names
from ...model.guest.release import DesiredRelease
from ..access.desired import USER_HINT
from ..access.given import named
from .fleet_desired import fleets_from


def release_from(params: Mapping[str, Any]) -> DesiredRelease:
    fleets = fleets_from(params)
    owners = frozenset(named("An owner", one, names.USER, USER_HINT, names.LONGEST_USER) for one in params["owners"])
    fleet, expired, revoke = params["fleet"] or "", params["expired"], params["revoke"]
    if fleet and fleets.fleet(fleet) is None:
        known = ", ".join(sorted(one.id for one in fleets.fleets)) or "none"
        raise Invalid(f"There is no fleet {fleet!r}.", f"Declared are: {known}.")
    if not owners and not fleet and not expired:
        raise Invalid("Nobody is named.", "Say owners, a fleet, both of them, or expired.")
    if expired and (owners or revoke):
        raise Invalid("expired is about all whose last day is over.", "Say owners or a fleet without it.")
    return DesiredRelease(fleets, owners, fleet, expired, revoke, params["at_most"])
