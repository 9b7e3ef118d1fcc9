# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every subject's observer: together they are one pass over a node."""

from __future__ import annotations

from typing import Callable

from . import (
    ceph_cluster,
    ceph_osd,
    cluster,
    disks,
    host,
    nfs_server,
    proxmox_ve,
    qdevice,
    repositories,
    storage,
    storage_access,
    storage_image,
)
from .reader import Reader

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
