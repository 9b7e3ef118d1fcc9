# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an NFS server of Proxmox VE nodes is: its exports, and the file that declares them.

Upstream: exports(5) and nfs(5) of nfs-utils.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

#: Read by exportfs in addition to /etc/exports, which is left to the administrator.
EXPORTS_FILE = "/etc/exports.d/baremetal_virt.exports"
PACKAGE = "nfs-kernel-server"
#: ``sync``: an answered write is on disk. ``no_subtree_check``: the default since nfs-utils 1.1, said explicitly.
DEFAULT_OPTIONS = ("rw", "sync", "no_subtree_check")
_SPECIAL = ' "\\#'


@dataclass(frozen=True)
class Client:
    """Who may mount: ``host`` is an address, a network in CIDR form, a host name or ``@netgroup``."""

    host: str
    options: tuple[str, ...] = DEFAULT_OPTIONS


@dataclass(frozen=True)
class Export:
    """One exported directory; ``owner``, ``group`` and ``mode`` are those of the directory itself."""

    path: str
    clients: tuple[Client, ...]
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755


@dataclass(frozen=True)
class Directory:
    """What is found at an exported path."""

    kind: str
    owner: str
    group: str
    mode: int


@dataclass(frozen=True)
class NfsServer:
    """Desired state. ``allow_any_client`` lets an export name ``*`` (everybody who can reach the server)."""

    exports: tuple[Export, ...] = ()
    allow_any_client: bool = False


@dataclass(frozen=True)
class NfsServerObserved:
    """``declared``: text of the managed file (None: no file). ``active``: path → clients the server really serves."""

    installed: bool
    unit_enabled: bool
    unit_active: bool
    declared: Optional[str]
    foreign_paths: tuple[str, ...]
    active: Mapping[str, frozenset[str]]
    directories: Mapping[str, Optional[Directory]]


def render_exports(exports: tuple[Export, ...]) -> str:
    """The managed file: one line per export, in the order given."""
    lines = ["# Managed by baremetal.virt.nfs_server: changes made here are replaced."]
    for export in exports:
        clients = " ".join(f"{client.host}({','.join(client.options)})" for client in export.clients)
        lines.append(f"{quote_path(export.path)} {clients}")
    return "\n".join(lines) + "\n"


def quote_path(path: str) -> str:
    """A path as exports(5) wants it: characters that would end the field become octal escapes."""
    return "".join(f"\\{ord(letter):03o}" if letter in _SPECIAL or letter.isspace() else letter for letter in path)


def as_document(exports: tuple[Export, ...]) -> list[dict[str, Any]]:
    """The exports in the form of the module's ``exports`` option, for diffs."""
    return [
        {
            "path": export.path,
            "owner": export.owner,
            "group": export.group,
            "mode": f"{export.mode:04o}",
            "clients": [{"host": client.host, "options": list(client.options)} for client in export.clients],
        }
        for export in exports
    ]
