# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether somebody has what he needs: every missing pair of path and privilege, in one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ...engine.errors import Invalid, Refused
from ...model.access import names
from ...model.access.need import Held, Need, missing
from ...model.access.privileges import KNOWN_ANYWHERE, privileges
from .automation import expand
from .caller import caller_from


@dataclass(frozen=True)
class Asked:
    """``who``: empty for the caller himself."""

    who: str
    needs: frozenset[Need]


def asked_from(params: Mapping[str, Any]) -> Asked:
    expanded = expand(params["automation"], "") if params["automation"] else None
    automation = expanded.automation if expanded is not None else None
    needs = frozenset(need for said in params["needs"] for need in _needs(said))
    who = params["userid"] or (automation.token if automation is not None else "")
    return Asked(
        "" if who == caller_from(params) else who, needs | (automation.needs if automation is not None else frozenset())
    )


def _needs(said: Mapping[str, Any]) -> list[Need]:
    path = names.canonical_path(said["path"])
    if path is None:
        raise Invalid(f"{said['path']!r} is no path on which Proxmox VE gives rights.")
    unknown = sorted(set(said["privs"]) - KNOWN_ANYWHERE)
    if unknown:
        raise Invalid(f"No release of Proxmox VE knows the privilege {', '.join(unknown)}.")
    return [Need(path, name, said["propagate"]) for name in said["privs"]]


def known_needs(needs: frozenset[Need], release: Optional[int]) -> frozenset[Need]:
    """A release needs nothing that it does not know."""
    return frozenset(need for need in needs if need.privilege in privileges(release))


def answer_preflight(shown: Mapping[str, Held], needs: frozenset[Need], who: str, required: bool) -> dict[str, Any]:
    """``shown``: path → what somebody has there; raises Refused when something is missing that is required."""
    lacking: Sequence[Need] = missing(shown, needs)
    if lacking and required:
        pairs = [f"{need.privilege} on {need.path}" for need in lacking]
        told = f"{who or 'Whoever asks'} lacks {', '.join(pairs)}."
        raise Refused(told, "Give it these rights, such as by access_automation.", refusals=pairs)
    return {"missing": [{"path": need.path, "priv": need.privilege} for need in lacking]}
