# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The networks of pods that a node is to have: files of lists, and the plugins that they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..node.state import STATE
from .conflist import Conflist
from .node import BIN_DIRS, CONF_DIR, SOCKET
from .ranges import Network
from .winner import Runtime


@dataclass(frozen=True)
class Around:
    """What the user says of the cluster that the lists are for. ``mtu`` 0: what the node's own way out has."""

    pod_prefixes: tuple[Network, ...] = ()
    service_prefixes: tuple[Network, ...] = ()
    mtu: int = 0
    overhead: int = 0


@dataclass(frozen=True)
class Archive:
    """Plugins as their makers publish them."""

    url: str
    sha256: str
    proxy: str = ""

    @property
    def path(self) -> str:
        return f"{STATE}/cni-plugins-{self.sha256[:16]}.tgz"


@dataclass(frozen=True)
class DesiredCni:
    """``lists``: file → what it holds. ``absent``: files that are not to be there."""

    lists: Mapping[str, Conflist] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    around: Around = Around()
    conf_dir: str = CONF_DIR
    bin_dirs: tuple[str, ...] = BIN_DIRS
    package: bool = False
    archive: Optional[Archive] = None
    runtime: Runtime = "containerd"
    max_conf_num: int = 1
    socket: str = SOCKET
    bridges_removed: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for one in self.lists.values() for kind in one.types))
