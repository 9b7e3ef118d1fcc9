# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of storage.cfg: what kind of value each has, what Proxmox VE assumes without it, and what it is for.

An option is a parameter of the modules, with ``_`` for ``-``. Their specification, their documentation and that of the
role are made from these rows; which type takes which option stands in ``types.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional, Union

#: ``words``: a set of words, a list as a parameter. ``options``: a set of mount options, one text as a parameter.
#: ``pairs``: a property string. ``secret``: is kept in a file of its own.
Kind = Literal["text", "path", "flag", "number", "words", "options", "pairs", "secret"]
#: What a text, or each word of a list, has to be, where that is more than a pattern can say.
Format = Literal["", "server", "portal", "blocksize"]


@dataclass(frozen=True)
class Option:
    """``default``: what is assumed where the option is not given, so that giving it is no difference.

    ``parts``: the keys of ``pairs``; none: any. ``description``: for the documentation, which adds the types that take
    the option. The others are what Proxmox VE accepts: ``pattern`` and ``format`` of a text or of each word of a list,
    ``longest`` in bytes, ``minimum`` and ``maximum`` of a number.
    """

    name: str
    kind: Kind
    description: Union[str, tuple[str, ...]]
    default: Optional[str] = None
    choices: tuple[Union[str, int], ...] = ()
    parts: tuple[Option, ...] = ()
    pattern: str = ""
    format: Format = ""
    longest: Optional[int] = None
    minimum: Optional[int] = None
    maximum: Optional[int] = None

    @property
    def parameter(self) -> str:
        return self.name.replace("-", "_")


def _flag(name: str, description: str, default: str = "0") -> Option:
    return Option(name, "flag", description, default)


def _count(name: str, description: str) -> Option:
    return Option(name, "number", description, minimum=0)


_GROUP = r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]"
_NODE = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
#: Only the beginning of a path is looked at.
_PATH = r"/[^;()].*"

_LIMITS = (
    _count("clone", "Limit for cloning disks."),
    _count("default", "Limit for everything that has none of its own."),
    _count("migration", "Limit for migrating guests."),
    _count("move", "Limit for moving disks."),
    _count("restore", "Limit for restoring guests."),
)
_RETENTION = (
    Option("keep-all", "flag", "Keep all backups; excludes the others."),
    _count("keep-last", "How many of the last backups are kept."),
    _count("keep-hourly", "For how many hours the last backup is kept."),
    _count("keep-daily", "For how many days the last backup is kept."),
    _count("keep-weekly", "For how many weeks the last backup is kept."),
    _count("keep-monthly", "For how many months the last backup is kept."),
    _count("keep-yearly", "For how many years the last backup is kept."),
)

#: In the order of the documentation.
_ROWS = (
    Option(
        "content",
        "words",
        (
            "What the storage may hold. V(images) are disks of virtual machines, V(rootdir) containers.",
            "Without it a new storage gets the default of its type, and an existing one keeps what it has.",
        ),
        choices=("backup", "images", "import", "iso", "none", "rootdir", "snippets", "vztmpl"),
    ),
    Option(
        "nodes",
        "words",
        (
            "Nodes that use the storage. Without it a new storage is used by all nodes, and an existing one keeps its"
            " list.",
            "V([]) opens the storage to all nodes.",
        ),
        pattern=_NODE,
    ),
    _flag("disable", "Keep the entry, but do not use the storage."),
    Option(
        "path",
        "path",
        "Directory of the storage; the mount point, C(/mnt/pve/ID) by default, where Proxmox VE mounts it.",
        pattern=_PATH,
    ),
    Option("server", "text", "Address or name of the server.", format="server"),
    Option("export", "path", "Directory that an NFS server exports.", pattern=_PATH),
    Option("options", "options", "Mount options, separated by commas, such as V(vers=4.2).", pattern=r"\S+"),
    Option("share", "text", "Name of a CIFS share."),
    Option("username", "text", "User name, or the Ceph user without C(client.)."),
    Option("domain", "text", "Domain of the user.", longest=256),
    Option(
        "subdir", "path", "Directory of the share or file system that is mounted in place of its root.", pattern=_PATH
    ),
    Option("fs-name", "text", "Name of the Ceph file system, if there are several.", pattern=r"[A-Za-z][A-Za-z0-9_-]+"),
    Option("pool", "text", "Ceph pool, or ZFS pool or dataset."),
    Option("data-pool", "text", "Erasure coded Ceph pool for the data."),
    Option("namespace", "text", "Namespace in the pool or datastore."),
    Option("vgname", "text", "Volume group.", pattern=_GROUP),
    Option(
        "base",
        "text",
        "Volume of another storage that the volume group lies on, such as a LUN.",
        pattern=r"[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]:.+",
    ),
    Option("thinpool", "text", "Thin pool in the volume group.", pattern=_GROUP),
    Option("blocksize", "text", "Block size of new volumes.", format="blocksize"),
    Option("mountpoint", "path", "Where the pool is mounted.", pattern=_PATH),
    Option("portal", "text", "Address of the iSCSI portal, with an optional port.", format="portal"),
    Option("target", "text", "Name of the iSCSI target."),
    Option("datastore", "text", "Datastore of the backup server."),
    Option(
        "fingerprint",
        "text",
        "SHA-256 fingerprint of the backup server's certificate.",
        pattern=r"([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}",
    ),
    Option("saferemove_throughput", "text", "Throughput of wiping, as C(cstream -t) takes it."),
    Option(
        "is_mountpoint",
        "text",
        "V(yes), V(no), or the path of a mount point. The storage counts as offline while nothing is mounted there.",
        default="no",
    ),
    Option(
        "monhost",
        "words",
        "Monitors of an external Ceph cluster; the cluster's own Ceph without it.",
        format="portal",
    ),
    Option("format", "text", "Default format of images.", choices=("qcow2", "raw", "subvol", "vmdk")),
    Option(
        "preallocation",
        "text",
        "How images are preallocated.",
        default="metadata",
        choices=("falloc", "full", "metadata", "off"),
    ),
    Option(
        "smbversion",
        "text",
        "Version of the SMB protocol.",
        default="default",
        choices=("2.0", "2.1", "3", "3.0", "3.11", "default"),
    ),
    Option("port", "number", "Port of the server, where it is not the usual one.", minimum=1, maximum=65535),
    Option(
        "max-protected-backups",
        "number",
        "How many backups of a guest may be protected; V(-1) for any number.",
        minimum=-1,
    ),
    Option("saferemove-stepsize", "number", "Step of wiping, in MiB.", default="32", choices=(1, 2, 4, 8, 16, 32)),
    _flag("shared", "All nodes find the same data here; this only says so, it does not share anything."),
    _flag("create-base-path", "Make the directory if it is missing.", default="1"),
    _flag("create-subdirs", "Make the usual directories in it.", default="1"),
    _flag("snapshot-as-volume-chain", "Snapshots as chains of volumes, from Proxmox VE 9 on."),
    _flag("nocow", "Do not copy on write: no checksums, and no repair of damaged data."),
    _flag("fuse", "Mount in user space instead of by the kernel."),
    _flag("krbd", "Let the kernel access the pool."),
    _flag("saferemove", "Overwrite volumes with zeros when they are removed."),
    _flag("tagged_only", "Use only logical volumes with a tag of a guest."),
    _flag("sparse", "Thin provisioning."),
    _flag("skip-cert-verification", "Do not verify the server's certificate; for trusted networks only."),
    Option(
        "content-dirs",
        "pairs",
        "Content type to directory, relative to the storage, in place of the usual directories.",
    ),
    Option("bwlimit", "pairs", "Limits of bandwidth, each in KiB/s.", parts=_LIMITS),
    Option(
        "prune-backups",
        "pairs",
        "Which backups are kept. All, when not given.",
        default="keep-all=1",
        parts=_RETENTION,
    ),
    Option(
        "password",
        "secret",
        "Password of the user. Given to C(pvesm) on its standard input, compared by digest, never read back. Without"
        " it the stored one stays.",
    ),
    Option(
        "keyring",
        "secret",
        "Key of an external Ceph cluster, a keyring for V(rbd), the bare key for V(cephfs). Handled like the password.",
    ),
    Option(
        "encryption-key",
        "secret",
        "Content of a key file of the backup client, or V(autogen) to make a key if there is none. A key that exists is"
        " never made anew. Handled like the password.",
    ),
    Option(
        "master-pubkey",
        "secret",
        "Public master key (PEM) with which a copy of the encryption key is stored. Handled like the password.",
    ),
)

OPTIONS: dict[str, Option] = {row.name: row for row in _ROWS}
BY_PARAMETER: dict[str, Option] = {row.parameter: row for row in _ROWS}
#: Left as they are when the user says nothing of them: emptying them would open a storage to nodes or content.
KEPT = frozenset(("content", "nodes"))
