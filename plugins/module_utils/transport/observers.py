# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every observer: together they are one pass over a node."""

from __future__ import annotations

from typing import Callable

from ..engine.reader import Reader
from ..observe.ceph import cluster as ceph_cluster
from ..observe.ceph import osd as ceph_osd
from ..observe.cluster import cluster, qdevice
from ..observe.debian import repositories
from ..observe.nfs import server as nfs_server
from ..observe.node import disk as disks
from ..observe.node import host, proxmox_ve
from ..observe.storage import access as storage_access
from ..observe.storage import image as storage_image
from ..observe.storage import storage

OBSERVERS: tuple[Callable[[Reader], object], ...] = (
    host.observe,
    cluster.observe,
    qdevice.observe_node,
    disks.observe_disks,
    repositories.observe,
    proxmox_ve.observe,
    nfs_server.observe,
    ceph_cluster.observe,
    ceph_osd.observe,
    storage.observe,
    storage_access.observe,
    storage_image.observe,
)
