# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who else upgrades or reboots a node by itself. Upstream: apt.conf(5), unattended-upgrade(8), needrestart(1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The timer that starts unattended-upgrades.
APT_TIMER = "apt-daily-upgrade.timer"
#: Names of units of programs that patch, reboot or move guests of a cluster by themselves.
DRIVERS = re.compile(r"(proxpatch|pegaprox|proxlb|proxcenter|patchmon)[\w.@-]*")
_SETTING = re.compile(r'^(\S+) "(.*)";$', re.MULTILINE)
_YES = ("1", "true", "yes", "on", "with", "enable")


@dataclass(frozen=True)
class Unattended:
    """unattended-upgrades. at: the time of day of its reboot, ``now`` if it does not wait for one.

    takes_proxmox: it may also take packages that are not Debian's.
    """

    periodic: bool = False
    reboots: bool = False
    at: str = "now"
    takes_proxmox: bool = False


@dataclass(frozen=True)
class Upgraders:
    """timer: the timer of unattended-upgrades is on. drivers: units of other programs, and files of cron.

    restarts: needrestart restarts services by itself, whatever they are.
    """

    unattended: Unattended = Unattended()
    timer: bool = False
    drivers: tuple[str, ...] = ()
    restarts: bool = False

    @property
    def works(self) -> bool:
        """unattended-upgrades is started by itself."""
        return self.timer and self.unattended.periodic


def parse_config(text: str) -> Unattended:
    """What ``apt-config dump`` prints: files are merged already, and the last one has won."""
    settings: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in _SETTING.findall(text):
        if name.endswith("::"):
            lists.setdefault(name[:-2], []).append(value)
        else:
            settings[name] = value
    return Unattended(
        periodic=_number(settings.get("APT::Periodic::Unattended-Upgrade", "0")) and _enabled(settings),
        reboots=settings.get("Unattended-Upgrade::Automatic-Reboot", "false").lower() in _YES,
        at=settings.get("Unattended-Upgrade::Automatic-Reboot-Time", "now"),
        takes_proxmox=any(_beyond_debian(entry) for entry in _origins(lists)),
    )


def _enabled(settings: Mapping[str, str]) -> bool:
    return _number(settings.get("APT::Periodic::Enable", "1"))


def _number(value: str) -> bool:
    """A number of days, with a unit or without, or ``always``."""
    return value.strip().lower() not in ("", "0", "false", "no", "off")


def _origins(lists: Mapping[str, Iterable[str]]) -> list[str]:
    names = ("Unattended-Upgrade::Origins-Pattern", "Unattended-Upgrade::Allowed-Origins")
    return [entry for name in names for entry in lists.get(name, ())]


def _beyond_debian(entry: str) -> bool:
    """``origin=Proxmox,...``, ``Proxmox:stable``, or a pattern that fits everybody."""
    found = re.search(r"(?:^|,)(?:origin|o)=([^,]*)", entry)
    origin = found[1] if found else entry.partition(":")[0] if "=" not in entry else "*"
    return origin.strip().lower() not in ("debian", "${distro_id}")


def parse_timer(text: str) -> bool:
    """``systemctl list-unit-files`` prints name, state, and what its vendor meant it to be."""
    return any(line.split()[:2] == [APT_TIMER, "enabled"] for line in text.splitlines())


def parse_drivers(text: str) -> tuple[str, ...]:
    rows = (line.split() for line in text.splitlines())
    return tuple(row[0] for row in rows if len(row) > 1 and DRIVERS.fullmatch(row[0]) and row[1].startswith("enabled"))
