# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What whoever this run speaks as needs for what is declared; without it he would not even see all there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.plan import Refusal
from ...model.access import names
from ...model.access.access import DesiredAccess, ObservedAccess
from ...model.access.need import Need, missing
from ...model.access.privileges import PERMISSIONS


def caller_from(params: Mapping[str, Any]) -> str:
    return (params["api"] or {}).get("token_id") or names.ROOT


def refuse_blind(desired: DesiredAccess, observed: ObservedAccess) -> Iterator[Refusal]:
    """Whoever may not see everything would take what he does not see for absent."""
    lacking = missing(observed.rights, needs_of_caller(desired)) if observed.rights is not None else []
    if lacking:
        pairs = ", ".join(f"{need.privilege} on {need.path}" for need in lacking)
        hint = "Give it these, propagating, or let the run speak as root@pam (without api.token_id)."
        yield Refusal(f"{desired.caller} lacks {pairs}: it would not see, or not change, what is declared.", hint)


def needs_of_caller(desired: DesiredAccess) -> frozenset[Need]:
    return frozenset(_needs(desired))


def _needs(desired: DesiredAccess) -> Iterator[Need]:
    for name in desired.users:
        yield Need(f"/access/realm/{names.realm_of(name)}", "Realm.AllocateUser", below=False)
    if desired.groups or "groups" in desired.exclusive:
        yield Need("/access/groups", "Group.Allocate")
    if desired.roles or "roles" in desired.exclusive:
        yield Need("/access", "Sys.Modify")
    for pool in desired.pools:
        yield Need(names.pool_path(pool), "Pool.Allocate")
    if "pools" in desired.exclusive:
        yield Need("/pool", "Pool.Allocate")
    yield Need("/", PERMISSIONS)
    yield Need("/access/groups", "User.Modify")
    yield Need("/access/realm", "Realm.Allocate", below=False)
    yield Need("/pool", "Pool.Audit")
