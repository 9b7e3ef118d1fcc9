# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node before its upgrade: everything that it alone can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..cluster.running import RunningCluster
from ..network.network import ObservedNetwork
from ..node.state import VOLATILE
from .kernel import Boot
from .packages import Packages
from .upgraders import Upgraders

#: Directory → bytes that an upgrade needs below it; /boot only if a kernel comes.
NEEDED_SPACE: Mapping[str, int] = {"/": 5 << 30, "/var/cache/apt/archives": 2 << 30, "/boot": 256 << 20}
#: Whoever has put down what only a boot brings into effect says so in a file of its own here, a reason in each line.
WANTED_BOOTS = f"{VOLATILE}/reboot"
#: Seconds that a clock may be wrong.
CLOCK_LIMIT = 0.05


@dataclass(frozen=True)
class ObservedUpgrade:
    """``old``: unit → files that it runs and that are gone from the disk.

    space: directory → the mount point it lies on, and the bytes free there. boot_devices: what GRUB's package installs
    itself to → whether it is there. network_starts: networking.service is on; None where it is not installed.
    clock: seconds that chrony says it is wrong; None where it does not say. same_config: corosync starts from the
    cluster's own configuration. names: node number → its name. guests: VMIDs of those that run here.
    marked: an upgrade of this node has begun and not ended. master: the HA manager works here.
    wanted: why others want it to be booted.
    """

    name: str
    boot_id: str
    packages: Packages
    boot: Boot
    network: ObservedNetwork
    upgraders: Upgraders = Upgraders()
    old: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    space: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    boot_devices: Mapping[str, bool] = field(default_factory=dict)
    network_starts: Optional[bool] = None
    clock: Optional[float] = None
    running: RunningCluster = RunningCluster()
    same_config: bool = True
    names: Mapping[int, str] = field(default_factory=dict)
    guests: frozenset[int] = frozenset()
    marked: bool = False
    master: bool = False
    wanted: tuple[str, ...] = ()

    @property
    def guests_on_old(self) -> tuple[int, ...]:
        """Virtual machines that run an older QEMU, or older libraries, than what is installed."""
        scopes = (unit.partition(".scope") for unit in self.old)
        return tuple(sorted(int(name) for name, ending, dummy in scopes if ending and name.isdecimal()))

    @property
    def services_on_old(self) -> tuple[str, ...]:
        return tuple(sorted(unit for unit in self.old if unit.endswith(".service")))
