# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of storage.cfg: what kind of value each has, what Proxmox VE accepts, and what it assumes without it.

An option is a parameter of the modules, with ``_`` for ``-``. Their specification, their documentation and that of the
role are made from these rows; which type takes which option stands in ``types.py``. This file travels to every node in
every run: what the documentation says of an option stands elsewhere (``tests/unit/storage_words.py``).
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

    ``parts``: the keys of ``pairs``; none: any. The others are what Proxmox VE accepts: ``pattern`` and ``format`` of a
    text or of each word of a list, ``longest`` in bytes, ``minimum`` and ``maximum`` of a number.
    """

    name: str
    kind: Kind
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


def _flag(name: str, default: str = "0") -> Option:
    return Option(name, "flag", default)


def _count(name: str) -> Option:
    return Option(name, "number", minimum=0)


_GROUP = r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]"
_NODE = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
#: Only the beginning of a path is looked at.
_PATH = r"/[^;()].*"

_LIMITS = (
    _count("clone"),
    _count("default"),
    _count("migration"),
    _count("move"),
    _count("restore"),
)
_RETENTION = (
    Option("keep-all", "flag"),
    _count("keep-last"),
    _count("keep-hourly"),
    _count("keep-daily"),
    _count("keep-weekly"),
    _count("keep-monthly"),
    _count("keep-yearly"),
)

#: In the order of the documentation.
_ROWS = (
    Option(
        "content",
        "words",
        choices=("backup", "images", "import", "iso", "none", "rootdir", "snippets", "vztmpl"),
    ),
    Option(
        "nodes",
        "words",
        pattern=_NODE,
    ),
    _flag("disable"),
    Option(
        "path",
        "path",
        pattern=_PATH,
    ),
    Option("server", "text", format="server"),
    Option("export", "path", pattern=_PATH),
    Option("options", "options", pattern=r"\S+"),
    Option("share", "text"),
    Option("username", "text"),
    Option("domain", "text", longest=256),
    Option("subdir", "path", pattern=_PATH),
    Option("fs-name", "text", pattern=r"[A-Za-z][A-Za-z0-9_-]+"),
    Option("pool", "text"),
    Option("data-pool", "text"),
    Option("namespace", "text"),
    Option("vgname", "text", pattern=_GROUP),
    Option(
        "base",
        "text",
        pattern=r"[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]:.+",
    ),
    Option("thinpool", "text", pattern=_GROUP),
    Option("blocksize", "text", format="blocksize"),
    Option("mountpoint", "path", pattern=_PATH),
    Option("portal", "text", format="portal"),
    Option("target", "text"),
    Option("datastore", "text"),
    Option(
        "fingerprint",
        "text",
        pattern=r"([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}",
    ),
    Option("saferemove_throughput", "text"),
    Option(
        "is_mountpoint",
        "text",
        default="no",
    ),
    Option(
        "monhost",
        "words",
        format="portal",
    ),
    Option("format", "text", choices=("qcow2", "raw", "subvol", "vmdk")),
    Option(
        "preallocation",
        "text",
        default="metadata",
        choices=("falloc", "full", "metadata", "off"),
    ),
    Option(
        "smbversion",
        "text",
        default="default",
        choices=("2.0", "2.1", "3", "3.0", "3.11", "default"),
    ),
    Option("port", "number", minimum=1, maximum=65535),
    Option(
        "max-protected-backups",
        "number",
        minimum=-1,
    ),
    Option("saferemove-stepsize", "number", default="32", choices=(1, 2, 4, 8, 16, 32)),
    _flag("shared"),
    _flag("create-base-path", default="1"),
    _flag("create-subdirs", default="1"),
    _flag("snapshot-as-volume-chain"),
    _flag("nocow"),
    _flag("fuse"),
    _flag("krbd"),
    _flag("saferemove"),
    _flag("tagged_only"),
    _flag("sparse"),
    _flag("skip-cert-verification"),
    Option(
        "content-dirs",
        "pairs",
    ),
    Option("bwlimit", "pairs", parts=_LIMITS),
    Option(
        "prune-backups",
        "pairs",
        default="keep-all=1",
        parts=_RETENTION,
    ),
    Option(
        "password",
        "secret",
    ),
    Option(
        "keyring",
        "secret",
    ),
    Option(
        "encryption-key",
        "secret",
    ),
    Option(
        "master-pubkey",
        "secret",
    ),
)

OPTIONS: dict[str, Option] = {row.name: row for row in _ROWS}
BY_PARAMETER: dict[str, Option] = {row.parameter: row for row in _ROWS}
#: Left as they are when the user says nothing of them: emptying them would open a storage to nodes or content.
KEPT = frozenset(("content", "nodes"))
