# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an upgrade of a node would do, as apt says it, and what dpkg has left half way.

Upstream: apt-get(8), apt-cache(8), apt_preferences(5), dpkg(1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..debian.upgrade import PendingUpdate

#: Without any of these a node is none any more.
_VITAL = re.compile(
    r"proxmox-ve|pve-(manager|cluster|container|ha-manager|qemu-kvm|firewall)|qemu-server|lxc-pve|corosync|ceph(-\w+)?"
    r"|ifupdown2|openssh-server|libpve-.*|systemd|proxmox-boot-tool|proxmox-kernel-helper"
)
#: What is Proxmox VE's or decides how its parts work together: held back alone, it is a mixture that nobody has tested.
_OURS = re.compile(rf"{_VITAL.pattern}|pve-.*|proxmox-.*|librbd1|librados2|libc?rados.*|libknet1.*|libcorosync.*")
#: As long as this file is there, apt may remove Proxmox VE.
DISARMED = "/please-remove-proxmox-ve"


def is_vital(package: str) -> bool:
    return _VITAL.fullmatch(package) is not None


def is_ours(package: str) -> bool:
    return _OURS.fullmatch(package) is not None


@dataclass(frozen=True)
class Row:
    """One version of a package that apt knows: its priority, and the repositories that have it."""

    version: str
    priority: int
    sources: tuple[str, ...] = ()

    @property
    def offered(self) -> bool:
        """A repository has it, and it is not only installed."""
        return bool(self.sources)


@dataclass(frozen=True)
class Policy:
    """What apt makes of one package. ``table``: the newest version first."""

    installed: Optional[str]
    candidate: Optional[str]
    table: tuple[Row, ...] = ()

    @property
    def passed_over(self) -> Optional[str]:
        """A newer version than the candidate that somebody's preferences keep out.

        Backports and the like are kept out by their own archive, and meant to be.
        """
        for row in self.table:
            if row.version == self.candidate:
                return None
            backport = any(re.search("backports|experimental|proposed", source) for source in row.sources)
            if row.offered and not backport:
                return row.version
        return None


@dataclass(frozen=True)
class Simulation:
    """``apt-get --simulate dist-upgrade``. kept_back: what stays as it is. downgraded: what would become older."""

    updates: tuple[PendingUpdate, ...] = ()
    removed: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()
    downgraded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packages:
    """Everything that apt and dpkg say before an upgrade. ``simulation``: None where apt refuses; then ``failure``.

    installed: name → version. policies: of what is Proxmox VE's. unfinished: package → dpkg's word for its state.
    drafts: files of packages below /etc that wait for somebody (``.dpkg-new``, ``.dpkg-dist``, ``.ucf-dist``).
    disarmed: apt may remove Proxmox VE. lists_age: days since apt last fetched its lists; None when it never did.
    """

    simulation: Optional[Simulation] = None
    failure: str = ""
    installed: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    unfinished: Mapping[str, str] = field(default_factory=dict)
    drafts: tuple[str, ...] = ()
    disarmed: bool = False
    lists_age: Optional[int] = None

    @property
    def updates(self) -> tuple[PendingUpdate, ...]:
        return () if self.simulation is None else self.simulation.updates

    @property
    def candidates(self) -> dict[str, str]:
        """Package → version that an upgrade would leave there, of what is Proxmox VE's."""
        return {name: one.candidate for name, one in self.policies.items() if one.candidate is not None}
