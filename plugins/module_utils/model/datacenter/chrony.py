# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The time of a node: chrony, where it has it from, and whether that is a source at all.

Upstream: chrony.conf(5) and chronyc(1), `chronyc -c tracking`. Debian's chrony.conf reads ``sources.d`` and ``conf.d``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

PACKAGE, UNIT = "chrony", "chrony.service"
SOURCES = "/etc/chrony/sources.d/baremetal-virt.sources"
CONF = "/etc/chrony/conf.d/baremetal-virt.conf"
#: Others that set a clock; two of them at once set it against each other.
OTHERS = ("systemd-timesyncd.service", "ntp.service", "ntpsec.service", "openntpd.service")
TRACKING = ("chronyc", "-n", "-c", "tracking")
#: What chronyd names its own clock, and no source at all.
_LOCAL, _NONE = "7F7F0101", "00000000"
#: So far the clocks of Ceph's monitors may be apart.
ALLOWED = 0.05
Reference = Literal["local", "none", "source"]
_FIELDS = 14


@dataclass(frozen=True)
class DesiredChrony:
    """``local``: its own clock may be the source of all others, where there is no other source."""

    servers: tuple[str, ...] = ()
    local: bool = False

    @property
    def idle(self) -> bool:
        return not self.servers and not self.local

    @property
    def sources(self) -> str:
        return "# Made by Ansible.\n" + "".join(f"server {one} iburst\n" for one in self.servers)

    @property
    def conf(self) -> Optional[str]:
        """With ``orphan`` it stands back behind any real source."""
        return "# Made by Ansible.\nlocal stratum 10 orphan\n" if self.local else None


@dataclass(frozen=True)
class Tracking:
    """``offset``: seconds between the system's clock and its source; with no source that is 0, and says nothing."""

    reference: Reference
    offset: float
    leap: str
    source: str = ""

    def synchronised(self, local: bool = False) -> bool:
        known = self.reference == "source" or (local and self.reference == "local")
        return known and self.leap != "Not synchronised" and abs(self.offset) < ALLOWED


@dataclass(frozen=True)
class ObservedChrony:
    """``tracking``: None where chronyd does not answer. ``others``: what else sets the clock."""

    node: str
    installed: bool
    sources: Optional[str] = None
    conf: Optional[str] = None
    tracking: Optional[Tracking] = None
    others: tuple[str, ...] = ()


def parse_tracking(text: str) -> Optional[Tracking]:
    """``chronyc -c tracking``; None for anything else."""
    fields = text.strip().split(",")
    if len(fields) != _FIELDS:
        return None
    reference: Reference = "local" if fields[0] == _LOCAL else "none" if fields[0] == _NONE else "source"
    return Tracking(reference, float(fields[4]), fields[13], fields[1])
