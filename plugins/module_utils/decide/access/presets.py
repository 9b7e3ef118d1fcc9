# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roles that are known by what they are for."""

from __future__ import annotations

from collections.abc import Mapping

from ...model.access.privileges import AGENT_AUDIT, Privileges

#: Sees, starts, stops and resets his own machines, and their console. Withheld: what fills storages or takes another's
#: old state (backups, snapshots of his own), what takes another's address (network, cloud-init), what removes the marks
#: of owner and end (options), what goes beyond a quota (disks, memory, processors), and files inside the guest.
STUDENT: Privileges = frozenset(
    ("Pool.Audit", "VM.Audit", "VM.Console", "VM.PowerMgmt", "VM.Snapshot.Rollback", AGENT_AUDIT)
)
PRESETS: Mapping[str, Privileges] = {"student": STUDENT}
