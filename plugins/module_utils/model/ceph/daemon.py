# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of Ceph's daemons (monitor, manager, metadata server) a node shall run."""

from __future__ import annotations

from dataclasses import dataclass

MON = "mon"
MGR = "mgr"
MDS = "mds"
#: In the order in which they can be created: everything needs a monitor.
DAEMON_KINDS = (MON, MGR, MDS)


@dataclass(frozen=True)
class DesiredDaemons:
    """``kinds`` run on this node; ``mons``: names of all nodes that run a monitor, the first one first."""

    kinds: tuple[str, ...]
    mons: tuple[str, ...] = ()
