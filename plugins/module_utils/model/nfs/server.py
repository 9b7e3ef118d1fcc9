# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an NFS server of Proxmox VE nodes is: its exports, to whom, and how.

Upstream: exports(5), exportfs(8) and nfs(5) of nfs-utils.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ...engine.reader import EntryKind
from ..node.paths import canonical_path
from .conf import ObservedSettings, Settings
from .options import DEFAULT_OPTIONS, Meaning, effective, written

#: Read by exportfs in addition to /etc/exports, which is left to the administrator.
EXPORTS_FILE = "/etc/exports.d/baremetal_virt.exports"
PACKAGE = "nfs-kernel-server"


@dataclass(frozen=True)
class Client:
    """Who may mount: ``host`` is an address, a network in CIDR form, a host name or ``@netgroup``.

    ``common``: lists of options that a line of a file sets for all of its clients.
    """

    host: str
    options: tuple[str, ...] = DEFAULT_OPTIONS
    common: tuple[tuple[str, ...], ...] = ()

    @property
    def means(self) -> Meaning:
        return effective(*self.common, self.options)

    @property
    def spelled(self) -> tuple[str, ...]:
        """All options in one list, as the managed file has them."""
        return written((*(option for options in self.common for option in options), *self.options))

    @property
    def writes_as_root(self) -> bool:
        return self.means.any_flavour(root="no_root_squash", everyone="no_all_squash")

    @property
    def is_anybody(self) -> bool:
        """Everybody who can reach the server."""
        host = canonical_host(self.host)
        return host.endswith("/0") or not host.strip("*?")

    @property
    def from_any_port(self) -> bool:
        """Requests are taken from ports above 1023, which any user of a client can send."""
        return self.means.any_flavour(ports="insecure")


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

    kind: EntryKind
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


@dataclass(frozen=True)
class Withdrawn:
    """An export to a client that the managed file held before."""

    path: str
    host: str


@dataclass(frozen=True)
class Declared:
    """``exports``: what exportfs finds in a file. ``problem``: where it stops reading, and why."""

    exports: tuple[Export, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class ServedClient:
    """A client in the table of exportfs: as it stands there, and what its options decide."""

    host: str
    means: Meaning


#: Path → client → how it is served.
Served = Mapping[str, Mapping[str, ServedClient]]


@dataclass(frozen=True)
class ObservedNfsServer:
    """``declared``: text of the managed file (None: no file). ``foreign``: other file → what it declares.

    ``served`` is what exportfs has really handed to the server. ``mounts`` are the mount points of the node.
    ``paths``: path as somebody has written it → where it leads. ``names``: host name → the one that it resolves to.
    """

    installed: bool
    unit_enabled: bool
    unit_active: bool
    declared: Optional[str]
    foreign: Mapping[str, Declared]
    served: Served
    directories: Mapping[str, Optional[Directory]]
    mounts: frozenset[str] = frozenset()
    settings: ObservedSettings = ObservedSettings()
    paths: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def real(self, path: str) -> str:
        """Where a path leads: exportfs follows links, and its table has no other spelling."""
        return self.paths.get(path, canonical_path(path))

    def served_client(self, path: str, host: str) -> Optional[ServedClient]:
        """How a client is served; a host name stands in the table as what it resolves to."""
        clients = self.served.get(self.real(path), {})
        return clients.get(canonical_host(self.names.get(host, host)), clients.get(canonical_host(host)))


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
            "clients": [{"host": client.host, "options": list(client.spelled)} for client in export.clients],
        }
        for export in exports
    ]
