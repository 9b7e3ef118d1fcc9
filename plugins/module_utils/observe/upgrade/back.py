# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a member, the node itself or another one, whether a node is back."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.upgrade.back import ObservedBack
from ..cluster import cluster, running
from ..leaving import ceph


def observe(reader: Reader, node: str) -> ObservedBack:
    return ObservedBack(node, cluster.observe(reader), running.observe(reader), ceph.observe_data(reader, node))
