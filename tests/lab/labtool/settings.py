"""What a lab is called, how big it is, and where its files lie."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Optional

from . import addresses
from .release import RELEASES, Release

STATE_ROOT = Path(os.environ.get("LAB_STATE", "/var/lib/baremetal-virt-lab"))
CACHE = Path(os.environ.get("LAB_CACHE", "/var/cache/baremetal-virt-lab"))
LAB_SOURCE = Path(__file__).resolve().parent.parent
PROXMOX_MIRROR = "LAB_PROXMOX_MIRROR"
"""Variable: the URL of Proxmox's own download server, for a lab on the real packages."""
DISK_BYTES = 6 * 1024**3


class LabError(Exception):
    """Something the person at the keyboard can act on; printed without a traceback."""


@dataclass(frozen=True)
class Lab:
    """One lab. Several can run side by side under different names; they share only the cache."""

    name: str
    nodes: int = 3
    pve: int = 9
    disks: int = 2
    own_kernel: bool = False
    """Nodes run a kernel of their own (user-mode Linux) instead of the host's: see own_kernel.py."""
    own_network: bool = False
    """Nodes set up their interfaces themselves when they boot, and have two more; otherwise the lab does it."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,15}", self.name):
            raise LabError(f"LAB_NAME={self.name!r}: lower-case letters and digits only, 16 at most")
        if not 1 <= self.nodes <= addresses.MAX_NODES:
            raise LabError(f"{self.nodes} nodes: a lab has 1 to {addresses.MAX_NODES}")
        if self.pve not in RELEASES:
            raise LabError(f"release {self.pve}: known are {', '.join(map(str, sorted(RELEASES)))}")
        if not 0 <= self.disks <= 8:
            raise LabError(f"{self.disks} disks per node: 0 to 8")
        if self.own_kernel and self.pve != 9:
            raise LabError("nodes with a kernel of their own are of release 9 only")

    @property
    def release(self) -> Release:
        return RELEASES[self.pve]

    @property
    def links(self) -> tuple[addresses.Link, ...]:
        """The cables of each node."""
        return (*addresses.LINKS, *(addresses.FOR_GUESTS if self.own_network else ()))

    @property
    def state(self) -> Path:
        return STATE_ROOT / self.name

    @property
    def namespace(self) -> str:
        return f"bmv-{self.name}"

    def node_namespace(self, node: int) -> str:
        return f"{self.namespace}-{addresses.node_name(node)}"

    def node_dir(self, node: int) -> Path:
        return self.state / "nodes" / addresses.node_name(node)

    @property
    def numbers(self) -> range:
        return range(1, self.nodes + 1)

    def save(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        spec = asdict(self)
        del spec["name"]
        (self.state / "lab.json").write_text(json.dumps(spec) + "\n")


def saved(name: str) -> Optional[Lab]:
    """The lab of that name as its last `up` made it."""
    lab = Lab(name)
    spec_file = lab.state / "lab.json"
    return replace(lab, **json.loads(spec_file.read_text())) if spec_file.exists() else None


def wanted(
    name: str,
    nodes: Optional[int],
    pve: Optional[int],
    disks: Optional[int],
    own_kernel: Optional[bool] = None,
    own_network: Optional[bool] = None,
) -> Lab:
    """What `up` shall make: the options given, else what is there, else the defaults. A running lab only grows."""
    existing = saved(name)
    lab = existing or Lab(name)
    lab = replace(
        lab,
        nodes=lab.nodes if nodes is None else nodes,
        pve=lab.pve if pve is None else pve,
        disks=lab.disks if disks is None else disks,
        own_kernel=lab.own_kernel if own_kernel is None else own_kernel,
        own_network=lab.own_network if own_network is None else own_network,
    )
    if existing and (replace(lab, nodes=existing.nodes) != existing or lab.nodes < existing.nodes):
        raise LabError(
            f"lab {name!r} exists with {existing.nodes} nodes, release {existing.pve}, {existing.disks} disks"
            f"{', kernels of their own' if existing.own_kernel else ''}"
            f"{', networks of their own' if existing.own_network else ''}; only nodes can be added: `lab down` first"
        )
    return lab
