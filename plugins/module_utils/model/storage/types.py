# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storage types of Proxmox VE 9: which options each takes, which are required or fixed, what it can hold.

Upstream: the ``options`` and ``plugindata`` of each PVE::Storage plugin. An option has one name in storage.cfg and
the same name, with ``_`` for ``-``, as a parameter of the module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

FILES = frozenset("backup images import iso rootdir snippets vztmpl".split())
GUESTS = frozenset(("images", "rootdir"))


@dataclass(frozen=True)
class StorageType:
    """``fixed`` options cannot change once the storage exists; ``secrets`` are kept in files of their own."""

    required: frozenset[str]
    fixed: frozenset[str]
    optional: frozenset[str]
    contents: frozenset[str]
    secrets: frozenset[str] = frozenset()
    mounted: bool = False

    @property
    def options(self) -> frozenset[str]:
        return self.required | self.fixed | self.optional


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMON = "content disable nodes"
_TREE = f"{_COMMON} bwlimit content-dirs create-base-path create-subdirs format max-protected-backups prune-backups"

TYPES: dict[str, StorageType] = {
    "dir": StorageType(
        required=_words("path"),
        fixed=_words("path snapshot-as-volume-chain"),
        optional=_words(f"{_TREE} is_mountpoint preallocation shared"),
        contents=FILES | {"none"},
    ),
    "nfs": StorageType(
        required=_words("export server"),
        fixed=_words("export path server snapshot-as-volume-chain"),
        optional=_words(f"{_TREE} options preallocation"),
        contents=FILES,
        mounted=True,
    ),
    "cifs": StorageType(
        required=_words("server share"),
        fixed=_words("path server share snapshot-as-volume-chain"),
        optional=_words(f"{_TREE} domain options preallocation smbversion subdir username"),
        contents=FILES,
        secrets=_words("password"),
        mounted=True,
    ),
    "cephfs": StorageType(
        required=frozenset(),
        fixed=_words("path"),
        optional=_words(f"{_TREE} fs-name fuse monhost options subdir username"),
        contents=_words("backup import iso snippets vztmpl"),
        secrets=_words("keyring"),
        mounted=True,
    ),
    "rbd": StorageType(
        required=frozenset(),
        fixed=frozenset(),
        optional=_words(f"{_COMMON} bwlimit data-pool krbd monhost namespace pool username"),
        contents=GUESTS,
        secrets=_words("keyring"),
    ),
    "lvm": StorageType(
        required=_words("vgname"),
        fixed=_words("base vgname"),
        optional=_words(
            f"{_COMMON} bwlimit saferemove saferemove-stepsize saferemove_throughput shared"
            " snapshot-as-volume-chain tagged_only"
        ),
        contents=GUESTS,
    ),
    "lvmthin": StorageType(
        required=_words("thinpool vgname"),
        fixed=_words("thinpool vgname"),
        optional=_words(f"{_COMMON} bwlimit"),
        contents=GUESTS,
    ),
    "zfspool": StorageType(
        required=_words("pool"),
        fixed=_words("pool"),
        optional=_words(f"{_COMMON} blocksize bwlimit mountpoint sparse"),
        contents=GUESTS,
    ),
    "iscsi": StorageType(
        required=_words("portal target"),
        fixed=_words("portal target"),
        optional=_words(f"{_COMMON} bwlimit"),
        contents=_words("images none"),
    ),
    "pbs": StorageType(
        required=_words("datastore server"),
        fixed=_words("datastore server"),
        optional=_words(f"{_COMMON} fingerprint max-protected-backups namespace port prune-backups username"),
        contents=_words("backup none"),
        secrets=_words("encryption-key master-pubkey password"),
    ),
}

#: Options whose value is a set of words.
SETS = frozenset(("content", "nodes", "monhost", "options"))
#: Options whose value is a set of ``key=value`` pairs.
PAIRS = frozenset(("bwlimit", "content-dirs", "prune-backups"))
BOOLEANS = _words(
    "create-base-path create-subdirs disable fuse krbd saferemove shared snapshot-as-volume-chain sparse tagged_only"
)
#: What Proxmox VE assumes of an option that is not there; giving it is no difference.
DEFAULTS: dict[str, Union[str, frozenset[str]]] = {
    "prune-backups": frozenset(("keep-all=1",)),
    "create-base-path": "1",
    "create-subdirs": "1",
    "is_mountpoint": "no",
    "preallocation": "metadata",
    "saferemove-stepsize": "32",
    "smbversion": "default",
    **{name: "0" for name in BOOLEANS if not name.startswith("create-")},
}
#: Left as they are when the user says nothing of them: emptying them would open a storage to nodes or content.
KEPT = frozenset(("content", "nodes"))
