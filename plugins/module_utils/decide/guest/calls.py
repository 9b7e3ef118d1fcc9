# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps as calls of the API, each about one guest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Optional

from ...engine.plan import Call, Step, Value
from ...model.guest.desired import DesiredGuest
from ...model.guest.guest import SHORT

Method = Literal["POST", "PUT", "DELETE"]
#: How long the copies may take that a call makes, in seconds.
_COPYING = 4 * 3600.0


def step(
    guest: DesiredGuest,
    verb: str,
    why: str,
    method: Method,
    path: str,
    parameters: Optional[Mapping[str, Value]] = None,
    *,
    secrets: Optional[Mapping[str, str]] = None,
    task: bool = False,
    repeatable: bool = False,
    destructive: bool = False,
    unseen: bool = False,
    about: str = "",
    hint: str = "",
    shares: tuple[tuple[str, int], ...] = (),
) -> Step:
    """``about``: what of the guest, where a plan has several such steps. What makes or removes is asked for once."""
    call = Call(
        method,
        path,
        tuple(sorted((parameters or {}).items())),
        tuple(sorted((secrets or {}).items())),
        task=task,
        repeatable=repeatable,
        timeout=_COPYING if task else 600,
    )
    identity = f"{SHORT[guest.kind]}.{verb}:{guest.vmid}" + (f" {about}" if about else "")
    return Step(why, call, identity, "guest", destructive=destructive, unseen=unseen, hint=hint, shares=shares)
