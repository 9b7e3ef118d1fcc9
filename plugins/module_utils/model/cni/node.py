# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node has for the networks of pods: plugins, files, links, and what its container runtime says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..network.interface import KernelRoute, Link
from .conflist import ConfFile

CONF_DIR = "/etc/cni/net.d"
BIN_DIRS = ("/opt/cni/bin", "/usr/lib/cni")
#: Debian's package, and where it puts its programs.
PACKAGE, PACKAGED = "containernetworking-plugins", "/usr/lib/cni"
SOCKET = "/run/containerd/containerd.sock"


@dataclass(frozen=True)
class Program:
    """A plugin's program. ``release`` is empty where nobody tells it."""

    path: str
    versions: tuple[str, ...] = ()
    release: str = ""


@dataclass(frozen=True)
class RuntimeAnswer:
    """What a container runtime says of itself by the socket of its CRI.

    ``networks``: file or name of each list that it has loaded; None where it does not tell.
    ``sandboxes``: ids of what runs there; None where it does not tell.
    """

    name: str = ""
    load: str = ""
    networks: Optional[tuple[str, ...]] = None
    sandboxes: Optional[tuple[str, ...]] = None


@dataclass(frozen=True)
class CniNode:
    """``mtu``: of the interface by which the node reaches others; 0 if it has no such route.
    ``runtime``: None where none answers. ``not_ready``: plugin → what its STATUS says.
    ``appended``: network → files in a directory of its name beside the lists."""

    files: Mapping[str, ConfFile] = field(default_factory=dict)
    programs: Mapping[str, Program] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    routes: Sequence[KernelRoute] = ()
    mtu: int = 0
    runtime: Optional[RuntimeAnswer] = None
    packaged: bool = False
    unpacked: bool = False
    not_ready: Mapping[str, str] = field(default_factory=dict)
    appended: Mapping[str, Sequence[str]] = field(default_factory=dict)


def runtime_answer(told: Mapping[str, Any]) -> Optional[RuntimeAnswer]:
    """From what the program cri_ask prints."""
    if not told.get("answered"):
        return None
    networks, sandboxes = told.get("networks"), told.get("sandboxes")
    return RuntimeAnswer(
        str(told.get("name", "")),
        str(told.get("load", "")),
        None if networks is None else tuple(map(str, networks)),
        None if sandboxes is None else tuple(map(str, sandboxes)),
    )
