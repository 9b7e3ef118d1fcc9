# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How upstream's programs say that another one holds a lock."""

from __future__ import annotations

#: Messages of a busy lock: pmxcfs (another node writes) and pvecm (another command runs on this node).
LOCK_BUSY = (r"cfs-lock '[^']*' error: got lock request timeout", r"can't lock file '[^']*' - got timeout")
