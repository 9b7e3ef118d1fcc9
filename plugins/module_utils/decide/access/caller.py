# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""As whom this run speaks, and what he needs to see: without it he would take for absent what he is not shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.plan import Refusal
from ...model.access import names
from ...model.access.access import DesiredAccess, ObservedAccess
from ...model.access.need import Need, missing


def caller_from(params: Mapping[str, Any]) -> str:
    return (params["api"] or {}).get("token_id") or names.ROOT


def refuse_blind(desired: DesiredAccess, observed: ObservedAccess) -> Iterator[Refusal]:
    """Whoever may not see everything would take what he does not see for absent."""
    lacking = missing(observed.rights, needs_to_see(desired)) if observed.rights is not None else []
    if lacking:
        pairs = ", ".join(f"{need.privilege} on {need.path}" for need in lacking)
        hint = "Give it these, propagating, or let the run speak as root@pam (without api.token_id)."
        yield Refusal(f"{desired.caller} lacks {pairs}: it would take what it does not see for absent.", hint)


def needs_to_see(desired: DesiredAccess) -> frozenset[Need]:
    """All users, groups, realms and entries; the pools; and the guests, where it counts which pool they are in."""
    needs = {Need(path, "Sys.Audit") for path in ("/access", "/access/groups", "/access/realm")}
    if "pools" in desired.exclusive or any(
        pool.absent or pool.vms or pool.exclusive for pool in desired.pools.values()
    ):
        needs.add(Need("/vms", "VM.Audit"))
    return frozenset({*needs, Need("/pool", "Pool.Audit")})
