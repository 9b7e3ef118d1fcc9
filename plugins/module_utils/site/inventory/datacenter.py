# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What concerns the datacenter as a whole, in the words of its roles' variables."""

from __future__ import annotations

from ...decide.datacenter import backup_info, ha_info, info
from ...model.datacenter.backup import ObservedBackup
from ...model.datacenter.datacenter import ObservedDatacenter
from ...model.datacenter.ha import ObservedHa
from .node import Variables


def ha_variables(observed: ObservedHa) -> Variables:
    """Without states, which change when somebody starts or stops a guest."""
    return {f"ha_{name}": rows for name, rows in ha_info.variables(observed).items()}


def datacenter_variables(observed: ObservedDatacenter) -> Variables:
    """Without secrets, which nobody can read back."""
    return {f"datacenter_{name}": value for name, value in info.variables(observed).items()}


def backup_variables(observed: ObservedBackup) -> Variables:
    return {f"backup_{name}": rows for name, rows in backup_info.variables(observed).items()}
