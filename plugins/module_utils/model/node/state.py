# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where this collection keeps files of its own on a node: what it has checked, and copies of what it took away."""

from __future__ import annotations

STATE = "/var/lib/baremetal.virt"
#: Where it was before; what is found there is moved.
OLD_STATE = "/var/lib/baremetal_virt"
#: What means nothing any more once the node has booted again.
VOLATILE = "/run/baremetal.virt"
