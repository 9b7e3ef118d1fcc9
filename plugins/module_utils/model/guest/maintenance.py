# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the HA manager writes what it makes of each node, and what it calls one that it keeps free of guests."""

from __future__ import annotations

MANAGER_STATUS = "/etc/pve/ha/manager_status"
#: A node in this state is given no guests, and those that HA runs are moved away from it.
MAINTENANCE = "maintenance"
