# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read how far a host is on its way to be a node of Proxmox VE."""

from __future__ import annotations

import re
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.debian.hosts_file import HOSTS_FILE
from ...model.node.proxmox_ve import MAIN_PACKAGE, NEEDED_SPACE, WEB_INTERFACE, DesiredProxmoxVe, ObservedProxmoxVe
from ..debian import cloud_init
from ..debian.packages import installed_packages, unfinished_packages
from .host import observe as observe_host

_KERNEL_RELEASE = "/proc/sys/kernel/osrelease"
_VIRTUALIZATION = ("grep", "--max-count=1", "--word-regexp", "--extended-regexp", "--only-matching", "vmx|svm")
SPACE = ("df", "--block-size=1", "--output=avail,target", *NEEDED_SPACE)
_STATIC_NAME = "/etc/hostname"
_KVM = "/dev/kvm"
TIME_SYNC = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
_UPGRADE = ("apt-get", "--simulate", "--quiet", "dist-upgrade")


@recorded
def observe(reader: Reader, desired: Optional[DesiredProxmoxVe] = None) -> ObservedProxmoxVe:
    """Whether packages could be upgraded is asked only when that is desired: apt needs a second to find out."""
    upgrade = desired is not None and desired.upgrade
    host = observe_host(reader)
    packages = installed_packages(reader)
    installed = MAIN_PACKAGE in packages
    return ObservedProxmoxVe(
        host=host,
        architecture=reader.run("dpkg", "--print-architecture").stdout.strip(),
        kernel=(reader.read(_KERNEL_RELEASE) or "").strip(),
        packages=packages,
        unfinished=unfinished_packages(reader),
        static_name=(reader.read(_STATIC_NAME) or "").strip(),
        virtualization=reader.run(*_VIRTUALIZATION, "/proc/cpuinfo").rc == 0,
        kvm=reader.entry(_KVM) is not None,
        time_sync=None if host.container or installed else _time_sync(reader),
        space={} if installed else parse_space(reader.run(*SPACE).stdout),
        hosts_text=reader.read(HOSTS_FILE) or "",
        answers=reader.certificate(WEB_INTERFACE) is not None,
        upgradable=parse_upgrade(reader.run(*_UPGRADE).stdout) if upgrade else (),
        cloud_init=cloud_init.observe(reader),
    )


def _time_sync(reader: Reader) -> Optional[bool]:
    """As systemd reads it from the kernel, whichever program keeps the clock."""
    return {"yes": True, "no": False}.get(reader.run(*TIME_SYNC).stdout.strip())


def parse_space(text: str) -> dict[str, tuple[str, int]]:
    """Directory → (mount point, free bytes) from df, which answers in the order of the question."""
    rows = [line.split(None, 1) for line in text.splitlines()[1:]]
    return {path: (target, int(free)) for path, (free, target) in zip(NEEDED_SPACE, rows)}


def parse_upgrade(text: str) -> tuple[str, ...]:
    """The packages that a simulated upgrade would install."""
    return tuple(re.findall(r"^Inst (\S+)", text, re.MULTILINE))
