"""The storage types Proxmox VE knows: which options each takes, which are required or fixed, what it can hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StorageType:
    """One row of the table. `fixed` options cannot change once the storage exists."""

    name: str
    required: frozenset[str]
    fixed: frozenset[str]
    optional: frozenset[str]
    contents: frozenset[str]
    default_content: tuple[str, ...]
    formats: tuple[str, ...] = ("raw",)
    default_format: str = "raw"
    sensitive: frozenset[str] = frozenset()
    shared: bool = False
    """Every node sees the same data, whatever the configuration says."""

    @property
    def options(self) -> frozenset[str]:
        return self.required | self.fixed | self.optional


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERY = _words("content disable nodes")
_BACKUPS = _words("max-protected-backups prune-backups")
_DIRECTORY = _EVERY | _BACKUPS | _words("bwlimit content-dirs create-base-path create-subdirs format mkdir")
_FILES = _words("backup images import iso rootdir snippets vztmpl")
_GUESTS = _words("images rootdir")
_IMAGE_FORMATS = ("qcow2", "raw", "vmdk")
_CHAIN = _words("snapshot-as-volume-chain")
_SERVER_SHARE = _words("path server share")
_SERVER_EXPORT = _words("export path server")
_ISCSI = _words("portal target")
_ZFS_OVER_ISCSI = _words("blocksize iscsiprovider pool portal target")

_TABLE = (
    StorageType(
        name="dir",
        required=_words("path"),
        fixed=_words("path") | _CHAIN,
        optional=_DIRECTORY | _words("is_mountpoint preallocation shared"),
        contents=_FILES | {"none"},
        default_content=("images", "rootdir"),
        formats=("qcow2", "raw", "subvol", "vmdk"),
    ),
    StorageType(
        name="btrfs",
        required=_words("path"),
        fixed=_words("path"),
        optional=_EVERY
        | _BACKUPS
        | _words("create-base-path create-subdirs format is_mountpoint mkdir nocow preallocation shared"),
        contents=_FILES | {"none"},
        default_content=("images", "rootdir"),
        formats=("raw", "subvol"),
    ),
    StorageType(
        name="nfs",
        required=_SERVER_EXPORT,
        fixed=_SERVER_EXPORT | _CHAIN,
        optional=_DIRECTORY | _words("options preallocation"),
        contents=_FILES,
        default_content=("images",),
        formats=_IMAGE_FORMATS,
        shared=True,
    ),
    StorageType(
        name="cifs",
        required=_SERVER_SHARE,
        fixed=_SERVER_SHARE | _CHAIN,
        optional=_DIRECTORY | _words("domain options password preallocation smbversion subdir username"),
        contents=_FILES,
        default_content=("images",),
        formats=_IMAGE_FORMATS,
        sensitive=_words("password"),
        shared=True,
    ),
    StorageType(
        name="cephfs",
        required=_words("path"),
        fixed=_words("path"),
        optional=_DIRECTORY | _words("fs-name fuse keyring monhost options subdir username"),
        contents=_words("backup import iso snippets vztmpl"),
        default_content=("backup",),
        sensitive=_words("keyring"),
        shared=True,
    ),
    StorageType(
        name="rbd",
        required=frozenset(),
        fixed=frozenset(),
        optional=_EVERY | _words("bwlimit data-pool keyring krbd monhost namespace pool username"),
        contents=_GUESTS,
        default_content=("images",),
        sensitive=_words("keyring"),
        shared=True,
    ),
    StorageType(
        name="lvm",
        required=_words("vgname"),
        fixed=_words("base vgname"),
        optional=_EVERY
        | _CHAIN
        | _words("bwlimit saferemove saferemove-stepsize saferemove_throughput shared tagged_only"),
        contents=_GUESTS,
        default_content=("images",),
        formats=("qcow2", "raw"),
    ),
    StorageType(
        name="lvmthin",
        required=_words("thinpool vgname"),
        fixed=_words("thinpool vgname"),
        optional=_EVERY | _words("bwlimit"),
        contents=_GUESTS,
        default_content=("images", "rootdir"),
    ),
    StorageType(
        name="zfspool",
        required=_words("pool"),
        fixed=_words("pool"),
        optional=_EVERY | _words("blocksize bwlimit mountpoint sparse"),
        contents=_GUESTS,
        default_content=("images", "rootdir"),
        formats=("raw", "subvol"),
    ),
    StorageType(
        name="zfs",
        required=_ZFS_OVER_ISCSI,
        fixed=_ZFS_OVER_ISCSI,
        optional=_EVERY | _words("bwlimit comstar_hg comstar_tg lio_tpg nowritecache sparse zfs-base-path"),
        contents=_words("images"),
        default_content=("images",),
        shared=True,
    ),
    StorageType(
        name="iscsi",
        required=_ISCSI,
        fixed=_ISCSI,
        optional=_EVERY | _words("bwlimit"),
        contents=_words("images none"),
        default_content=("images",),
        shared=True,
    ),
    StorageType(
        name="iscsidirect",
        required=_ISCSI,
        fixed=_ISCSI,
        optional=_EVERY | _words("bwlimit"),
        contents=_words("images none"),
        default_content=("images",),
        shared=True,
    ),
    StorageType(
        name="pbs",
        required=_words("datastore server"),
        fixed=_words("datastore server"),
        optional=_EVERY
        | _BACKUPS
        | _words("encryption-key fingerprint master-pubkey namespace password port username"),
        contents=_words("backup none"),
        default_content=("backup",),
        sensitive=_words("encryption-key master-pubkey password"),
        shared=True,
    ),
    StorageType(
        name="esxi",
        required=_words("server username"),
        fixed=frozenset(),
        optional=_EVERY | _words("password port shared skip-cert-verification"),
        contents=_words("import"),
        default_content=("import",),
        formats=_IMAGE_FORMATS,
        sensitive=_words("password"),
    ),
)

STORAGE_TYPES: dict[str, StorageType] = {row.name: row for row in _TABLE}

BOOLEANS = _words(
    "create-base-path create-subdirs disable fuse krbd mkdir nocow nowritecache saferemove shared"
    " skip-cert-verification snapshot-as-volume-chain sparse tagged_only"
)
INTEGERS = _words("max-protected-backups port saferemove-stepsize priority")
