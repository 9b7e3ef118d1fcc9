# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask apt what it would bring, from the lists that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.debian.apt_lists import LISTS, UPDATE_STAMP
from ...model.debian.upgrade import PendingUpdate, PendingUpdates
from .packages import installed_packages

SIMULATE = ("apt-get", "--simulate", "--quiet", "dist-upgrade")
#: What people ask for by name.
NAMED = ("proxmox-ve", "pve-manager", "pve-cluster", "corosync", "qemu-server", "ceph-mon", "ceph-osd", "chrony")
#: ``Inst libfoo [1.0] (1.1 Debian-Security:13/trixie-security [amd64])``
_INSTALL = re.compile(r"^Inst (\S+) (?:\[([^]]+)\] )?\((\S+) ([^)]*)\)", re.MULTILINE)


def observe(reader: Reader) -> PendingUpdates:
    done = reader.run(*SIMULATE)
    if done.rc != 0:
        raise Unreadable(f"apt-get --simulate failed: {done.stderr.strip()[-500:]}.")
    ages = [age for age in (reader.age(UPDATE_STAMP), reader.age(LISTS)) if age is not None]
    packages = installed_packages(reader)
    named = {name: packages[name] for name in NAMED if name in packages}
    return PendingUpdates(tuple(parse_simulation(done.stdout)), min(ages, default=None), named)


def parse_simulation(text: str) -> Iterator[PendingUpdate]:
    for package, installed, available, origin in _INSTALL.findall(text):
        yield PendingUpdate(package, installed or None, available, "security" in origin.lower())
