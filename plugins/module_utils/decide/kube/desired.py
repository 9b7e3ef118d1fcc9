# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to become of Calico's BGP, as the code needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.errors import Invalid
from ...model.kube.fabric import Fabric
from ...model.kube.status import RECOVERY
from .fabric import fabric_from


@dataclass(frozen=True)
class DesiredCalico:
    """``timeout``: seconds until what is waited for has to be seen. ``exclusive``: peers that are not declared go."""

    fabric: Fabric
    backup_folder: str
    exclusive: bool = False
    allow_restart: bool = False
    timeout: int = 420


def desired_from(params: Mapping[str, Any]) -> DesiredCalico:
    fabric = fabric_from(params["fabric"])
    if params["timeout"] <= RECOVERY:
        raise Invalid(
            f"timeout: {params['timeout']} seconds are too few.",
            f"After a start BIRD waits up to {RECOVERY} seconds for its neighbours; a healthy cluster would be"
            " rolled back.",
        )
    return DesiredCalico(
        fabric, params["backup_folder"], params["exclusive"], params["allow_restart"], params["timeout"]
    )
