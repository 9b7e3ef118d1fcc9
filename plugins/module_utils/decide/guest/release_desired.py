# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → who is to give his machines back, or keep them, or have them for longer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.access import names
from ...model.guest.fleet import NEVER
from ...model.guest.release import DesiredExtension, DesiredRelease, Scope
from ..access.desired import USER_HINT
from ..access.given import named
from .fleet_desired import fleets_from, last_day


def release_from(params: Mapping[str, Any]) -> DesiredRelease:
    scope, revoke = _scope(params, params["expired"]), params["revoke"]
    if scope.expired and (scope.owners or revoke):
        raise Invalid("expired is about all whose last day is over.", "Say owners or a fleet without it.")
    return DesiredRelease(scope, revoke, params["at_most"])


def extension_from(params: Mapping[str, Any]) -> DesiredExtension:
    """What is a day in one zone is one in any other."""
    until = last_day("last_day", params["last_day"], "UTC")
    if until == NEVER:
        raise Invalid("last_day is a day.", "Who is to stay for ever is declared so: expires.")
    return DesiredExtension(_scope(params, expired=False), until)


def _scope(params: Mapping[str, Any], expired: bool) -> Scope:
    fleets = fleets_from(params)
    owners = frozenset(named("An owner", one, names.USER, USER_HINT, names.LONGEST_USER) for one in params["owners"])
    fleet = params["fleet"] or ""
    if fleet and fleets.fleet(fleet) is None:
        known = ", ".join(sorted(one.id for one in fleets.fleets)) or "none"
        raise Invalid(f"There is no fleet {fleet!r}.", f"Declared are: {known}.")
    if not owners and not fleet and not expired:
        raise Invalid("Nobody is named.", "Say owners, a fleet, or both of them.")
    return Scope(fleets, owners, fleet, expired)
