# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an NFS server of Proxmox VE nodes is: its exports, to whom, and how.

Upstream: exports(5), exportfs(8) and nfs(5) of nfs-utils.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .conf import ObservedSettings, Settings
from .options import DEFAULT_OPTIONS, effective, written

#: Read by exportfs in addition to /etc/exports, which is left to the administrator.
EXPORTS_FILE = "/etc/exports.d/baremetal_virt.exports"
PACKAGE = "nfs-kernel-server"


@dataclass(frozen=True)
class Client:
    """Who may mount: ``host`` is an address, a network in CIDR form, a host name or ``@netgroup``."""

    host: str
    options: tuple[str, ...] = DEFAULT_OPTIONS

    @property
    def writes_as_root(self) -> bool:
        means = effective(self.options)
        return means["root"] == "no_root_squash" and means["everyone"] == "no_all_squash"

    @property
    def is_anybody(self) -> bool:
        """Everybody who can reach the server."""
        host = canonical_host(self.host)
        return host.endswith("/0") or not host.strip("*?")

    @property
    def from_any_port(self) -> bool:
        """Requests are taken from ports above 1023, which any user of a client can send."""
        return effective(self.options)["ports"] == "insecure"

    @property
    def meaning(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """Equal for two clients that are treated alike, however they are spelled."""
        return canonical_host(self.host), frozenset(effective(self.options).items())


@dataclass(frozen=True)
class Export:
    """One exported directory; ``owner``, ``group`` and ``mode`` are those of the directory itself."""

    path: str
    clients: tuple[Client, ...]
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755

    @property
    def is_world_writable(self) -> bool:
        return bool(self.mode & 0o002)


@dataclass(frozen=True)
class Directory:
    """What is found at an exported path."""

    kind: str
    owner: str
    group: str
    mode: int


@dataclass(frozen=True)
class DesiredNfsServer:
    """Desired state. Each ``allow_...`` permits one danger that is refused otherwise.

    ``allow_any_client``: an export to everybody who can reach the server. ``allow_insecure_ports``: requests from
    ports above 1023, which any user of a client can send. ``allow_world_writable``: a directory with mode o+w.
    """

    exports: tuple[Export, ...] = ()
    allow_any_client: bool = False
    allow_insecure_ports: bool = False
    allow_world_writable: bool = False
    settings: Settings = Settings()

    @property
    def each_client(self) -> tuple[tuple[Export, Client], ...]:
        return tuple((export, client) for export in self.exports for client in export.clients)


#: Path → client → what its options decide.
Served = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True)
class ObservedNfsServer:
    """``declared``: text of the managed file (None: no file). ``foreign``: other file → what it exports.

    ``served`` is what exportfs has really handed to the server. ``mounts`` are the mount points of the node.
    """

    installed: bool
    unit_enabled: bool
    unit_active: bool
    declared: Optional[str]
    foreign: Mapping[str, tuple[Export, ...]]
    served: Served
    directories: Mapping[str, Optional[Directory]]
    mounts: frozenset[str] = frozenset()
    settings: ObservedSettings = ObservedSettings()


def lies_in(path: str, outer: str) -> bool:
    """Is this path below the other one?"""
    return path != outer and path.startswith(f"{outer.rstrip('/')}/")


def canonical_host(host: str) -> str:
    """One spelling per client: networks in CIDR form without host bits, addresses and names in lower case."""
    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        return host if host.startswith("@") else host.lower()
    return str(network) if "/" in host else str(network.network_address)


def is_name(host: str) -> bool:
    """A plain host name, in place of which exportfs serves the canonical name that it resolves to."""
    if any(letter in host for letter in "@*?[/"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def as_document(exports: tuple[Export, ...]) -> list[dict[str, Any]]:
    """The exports in the form of the module's ``exports`` option, for diffs."""
    return [
        {
            "path": export.path,
            "owner": export.owner,
            "group": export.group,
            "mode": f"{export.mode:04o}",
            "clients": [{"host": client.host, "options": list(written(client.options))} for client in export.clients],
        }
        for export in exports
    ]
