# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → whose machines are given back, kept, kept for longer, or reset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.access import names
from ...model.guest.fleet import NEVER
from ...model.guest.mark import VALUE
from ...model.guest.release import DesiredExtension, DesiredRelease, Scope
from ...model.guest.reset import DesiredReset
from ..access.desired import USER_HINT
from ..access.given import named
from .fleet_desired import fleets_from, last_day

_SNAPSHOT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,39}")
#: What Proxmox VE calls the present by, and what waits.
_NO_SNAPSHOT = ("current", "pending")


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
    return DesiredExtension(_scope(params), until)


def reset_from(params: Mapping[str, Any]) -> DesiredReset:
    snapshot, run = "" if params["snapshot"] is None else str(params["snapshot"]), str(params["run"])
    if params["anew"] == (params["snapshot"] is not None):
        raise Invalid("Machines go back to a snapshot, or are made anew.", "Say either snapshot or anew.")
    if not params["anew"] and (not _SNAPSHOT.fullmatch(snapshot) or snapshot in _NO_SNAPSHOT):
        raise Invalid(f"{snapshot!r} is no name of a snapshot.", "Letters, digits, - and _, and a letter first.")
    if not VALUE.fullmatch(run):
        raise Invalid(f"{run!r} is no name of a reset.", "It has no blanks, commas and equals signs.")
    return DesiredReset(_scope(params, guests=frozenset(params["guests"])), snapshot, run, params["at_most"])


def _scope(params: Mapping[str, Any], expired: bool = False, guests: frozenset[int] = frozenset()) -> Scope:
    fleets = fleets_from(params)
    owners = frozenset(named("An owner", one, names.USER, USER_HINT, names.LONGEST_USER) for one in params["owners"])
    fleet = params["fleet"] or ""
    if fleet and fleets.fleet(fleet) is None:
        known = ", ".join(sorted(one.id for one in fleets.fleets)) or "none"
        raise Invalid(f"There is no fleet {fleet!r}.", f"Declared are: {known}.")
    if not owners and not fleet and not expired and not guests:
        raise Invalid("Nobody is named.", "Say owners, a fleet, or both of them.")
    return Scope(fleets, owners, fleet, expired, guests)
