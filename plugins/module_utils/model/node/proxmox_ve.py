# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What it takes to be a node of Proxmox VE, and how much of it a host has.

Upstream: pve-docs pve-installation.adoc and the procedure "Install Proxmox VE on Debian".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from ..debian.cloud_init import CloudInit
from ..debian.hosts_file import HostEntry
from .host import Host

WEB_INTERFACE = "127.0.0.1:8006"
MAIN_PACKAGE = "proxmox-ve"
#: Directory → bytes that an installation needs below it: packages and firmware, downloads and state, kernels.
NEEDED_SPACE = {"/usr": 3 << 30, "/var": 2 << 30, "/boot": 256 << 20}
#: Node names as the schema of the API has them (format pve-node).
NODE_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?")

_OWN_KERNEL = re.compile(r"(?:pve|proxmox)-kernel-(\d.*-pve)(?:-signed)?")
_DEBIAN_KERNEL = re.compile(r"linux-image-(amd64|\d.*-amd64)(-unsigned)?")


@dataclass(frozen=True)
class DesiredProxmoxVe:
    """Desired state. ``hosts``: entries of /etc/hosts that are kept in force (none: the file is left alone).

    ``require_virtualization``, ``require_time_sync``: what a host has to have before Proxmox VE is installed on it.
    ``upgrade``: also bring installed packages up to date. ``remove_debian_kernel``: once Proxmox VE's own one runs.
    """

    hosts: tuple[HostEntry, ...] = ()
    require_virtualization: bool = True
    require_time_sync: bool = True
    upgrade: bool = False
    remove_debian_kernel: bool = True


@dataclass(frozen=True)
class ObservedProxmoxVe:
    """``kernel``: the release of the running one. ``unfinished``: packages that a killed apt left half installed.

    ``static_name``: what /etc/hostname will call the host after its next boot; empty when it does not say.
    ``virtualization``: the processor has it. ``kvm``: the kernel offers it.
    ``time_sync``: a time server keeps the clock right; None when that is not known, not this host's affair (a
    container), or of no interest any more (installed).
    ``space``: directory of NEEDED_SPACE → the mount point it lies on, and the bytes free there (until installed).
    ``answers``: somebody serves TLS on port 8006. ``upgradable``: packages, read only when an upgrade is asked for.
    """

    host: Host
    architecture: str
    kernel: str
    packages: Mapping[str, str]
    unfinished: tuple[str, ...]
    static_name: str
    virtualization: bool
    kvm: bool
    time_sync: Optional[bool]
    space: Mapping[str, tuple[str, int]]
    hosts_text: str
    answers: bool
    upgradable: tuple[str, ...] = ()
    cloud_init: CloudInit = CloudInit()

    @property
    def installed(self) -> bool:
        return MAIN_PACKAGE in self.packages

    @property
    def runs_own_kernel(self) -> bool:
        """The running kernel is one of Proxmox VE's."""
        return self.kernel.endswith("-pve")

    @property
    def reboot_required(self) -> bool:
        """Installed, but still on Debian's kernel. A container has no kernel of its own to reboot into."""
        return self.installed and not self.runs_own_kernel and self.host.container is None

    @property
    def lacks_kvm(self) -> bool:
        """On the kernel of Proxmox VE, which brings kvm. Which devices a container is given says nothing."""
        return not self.kvm and self.runs_own_kernel and self.host.container is None

    @property
    def newest_kernel(self) -> Optional[str]:
        """The newest kernel of Proxmox VE that is installed, which the next boot takes if no other one is pinned."""
        found = (_OWN_KERNEL.fullmatch(name) for name in self.packages)
        return max((match[1] for match in found if match), key=_numbers, default=None)

    @property
    def newer_kernel(self) -> Optional[str]:
        """The newest kernel, where another one of Proxmox VE runs. A container has none of its own."""
        own = self.runs_own_kernel and self.host.container is None
        return self.newest_kernel if own and self.newest_kernel != self.kernel else None

    @property
    def debian_kernels(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.packages if _DEBIAN_KERNEL.fullmatch(name)))


def _numbers(release: str) -> tuple[int, ...]:
    """6.14.11-2-pve is newer than 6.14.8-1-pve."""
    return tuple(int(number) for number in re.findall(r"\d+", release))
