# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One pass over a node: every subject's observer, each question asked once."""

from __future__ import annotations

from typing import Callable

from ..errors import NotRead
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
from .reader import CLUSTER, NODE, Reader, Recorder, Recording

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


def record(reader: Reader, with_cluster: bool) -> Recording:
    """All answers that the subjects' observers need; cluster readings only where they are asked for."""
    recorder = Recorder(reader, (NODE, CLUSTER) if with_cluster else (NODE,))
    for observer in OBSERVERS:
        try:
            observer(recorder)
        except NotRead:
            continue  # the rest of this subject is read on the node that reads for the whole cluster
    return recorder.recording
