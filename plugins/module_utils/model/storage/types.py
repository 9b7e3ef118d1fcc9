# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storage types of Proxmox VE 9: one row each, with all that is to be known of it.

Upstream: the ``options`` and ``plugindata`` of each PVE::Storage plugin. What an option is stands in ``options.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: What a node can look for before the storage exists: an NFS server's export, or its own volume group. ``disks``: the
#: storage brings disks, on which such a group may lie.
Beforehand = Literal["", "export", "group", "disks"]


@dataclass(frozen=True)
class StorageType:
    """``fixed`` options cannot change once the storage exists. ``contents``: all that it may hold, ``default_content``
    what it does when nothing is said. ``formats``: of images, for the option ``format``.

    ``secrets``: name → the file in which Proxmox VE keeps it, ``{id}`` being the storage's name; ``needed``: those
    without which it adds no storage. ``shared``: all nodes see the same data, whatever the entry says.
    ``files``: volumes are files below ``path``; ``plain_path``: which takes letters, digits and ``-/_.@`` only.
    ``mounts``: the types of file systems as which a node's table of mounts shows it, and ``source`` the options that
    tell from where. ``sessions``: nodes keep sessions with its target.
    """

    required: frozenset[str]
    fixed: frozenset[str]
    optional: frozenset[str]
    contents: frozenset[str]
    default_content: frozenset[str]
    formats: frozenset[str] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    shared: bool = False
    files: bool = False
    plain_path: bool = False
    mounts: frozenset[str] = frozenset()
    source: tuple[str, ...] = ()
    sessions: bool = False
    beforehand: Beforehand = ""

    @property
    def options(self) -> frozenset[str]:
        return self.required | self.fixed | self.optional

    @property
    def mounted(self) -> bool:
        """By Proxmox VE, at a path of its own where none is given."""
        return bool(self.mounts)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMON = "content disable nodes"
_TREE = f"{_COMMON} bwlimit content-dirs create-base-path create-subdirs format max-protected-backups prune-backups"
_FILES = _words("backup images import iso rootdir snippets vztmpl")
_GUESTS = _words("images rootdir")
_PASSWORD = "/etc/pve/priv/storage/{id}.pw"

TYPES: dict[str, StorageType] = {
    "btrfs": StorageType(
        required=_words("path"),
        fixed=_words("path"),
        optional=_words(
            f"{_COMMON} create-base-path create-subdirs format is_mountpoint max-protected-backups nocow preallocation"
            " prune-backups shared"
        ),
        contents=_FILES | {"none"},
        default_content=_words("images rootdir"),
        formats=_words("raw subvol"),
        files=True,
        plain_path=True,
    ),
    "cephfs": StorageType(
        required=frozenset(),
        fixed=_words("path"),
        optional=_words(f"{_TREE} fs-name fuse monhost options subdir username"),
        contents=_words("backup import iso snippets vztmpl"),
        default_content=_words("backup"),
        secrets={"keyring": "/etc/pve/priv/ceph/{id}.secret"},
        shared=True,
        files=True,
        mounts=_words("ceph fuse.ceph fuse.ceph-fuse"),
    ),
    "cifs": StorageType(
        required=_words("server share"),
        fixed=_words("path server share snapshot-as-volume-chain"),
        optional=_words(f"{_TREE} domain options preallocation smbversion subdir username"),
        contents=_FILES,
        default_content=_words("images"),
        formats=_words("qcow2 raw vmdk"),
        secrets={"password": _PASSWORD},
        shared=True,
        files=True,
        mounts=_words("cifs smb3"),
    ),
    "dir": StorageType(
        required=_words("path"),
        fixed=_words("path snapshot-as-volume-chain"),
        optional=_words(f"{_TREE} is_mountpoint preallocation shared"),
        contents=_FILES | {"none"},
        default_content=_words("images rootdir"),
        formats=_words("qcow2 raw subvol vmdk"),
        files=True,
        plain_path=True,
    ),
    "esxi": StorageType(
        required=_words("server username"),
        fixed=frozenset(),
        optional=_words(f"{_COMMON} port shared skip-cert-verification"),
        contents=_words("import"),
        default_content=_words("import"),
        secrets={"password": _PASSWORD},
        needed=_words("password"),
    ),
    "iscsi": StorageType(
        required=_words("portal target"),
        fixed=_words("portal target"),
        optional=_words(f"{_COMMON} bwlimit"),
        contents=_words("images none"),
        default_content=_words("images"),
        shared=True,
        sessions=True,
        beforehand="disks",
    ),
    "lvm": StorageType(
        required=_words("vgname"),
        fixed=_words("base vgname"),
        optional=_words(
            f"{_COMMON} bwlimit saferemove saferemove-stepsize saferemove_throughput shared"
            " snapshot-as-volume-chain tagged_only"
        ),
        contents=_GUESTS,
        default_content=_words("images"),
        beforehand="group",
    ),
    "lvmthin": StorageType(
        required=_words("thinpool vgname"),
        fixed=_words("thinpool vgname"),
        optional=_words(f"{_COMMON} bwlimit"),
        contents=_GUESTS,
        default_content=_words("images rootdir"),
        beforehand="group",
    ),
    "nfs": StorageType(
        required=_words("export server"),
        fixed=_words("export path server snapshot-as-volume-chain"),
        optional=_words(f"{_TREE} options preallocation"),
        contents=_FILES,
        default_content=_words("images"),
        formats=_words("qcow2 raw vmdk"),
        shared=True,
        files=True,
        mounts=_words("nfs nfs4"),
        source=("server", "export"),
        beforehand="export",
    ),
    "pbs": StorageType(
        required=_words("datastore server"),
        fixed=_words("datastore server"),
        optional=_words(f"{_COMMON} fingerprint max-protected-backups namespace port prune-backups username"),
        contents=_words("backup none"),
        default_content=_words("backup"),
        secrets={
            "encryption-key": "/etc/pve/priv/storage/{id}.enc",
            "master-pubkey": "/etc/pve/priv/storage/{id}.master.pem",
            "password": _PASSWORD,
        },
        shared=True,
    ),
    "rbd": StorageType(
        required=frozenset(),
        fixed=frozenset(),
        optional=_words(f"{_COMMON} bwlimit data-pool krbd monhost namespace pool username"),
        contents=_GUESTS,
        default_content=_words("images"),
        secrets={"keyring": "/etc/pve/priv/ceph/{id}.keyring"},
        shared=True,
    ),
    "zfspool": StorageType(
        required=_words("pool"),
        fixed=_words("pool"),
        optional=_words(f"{_COMMON} blocksize bwlimit mountpoint sparse"),
        contents=_GUESTS,
        default_content=_words("images rootdir"),
    ),
}

#: Types that nobody manages here, and that are shared by themselves all the same.
OTHER_SHARED = frozenset(("drbd", "glusterfs", "iscsidirect", "zfs"))
