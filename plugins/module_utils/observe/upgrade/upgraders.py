# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask who else upgrades or reboots this node: their programs' own answers, and not one file of many."""

from __future__ import annotations

import re

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.upgrade.upgraders import Upgraders, parse_config, parse_drivers, parse_timer
from ..debian.packages import installed_packages

CONFIG = ("apt-config", "dump")
UNITS = ("systemctl", "list-unit-files", "--no-legend", "--no-pager", "--type=service,timer")
CRON = (
    "grep", "-rliE", "proxpatch|pegaprox|proxlb|(apt|apt-get) .*(upgrade)",
    "/etc/crontab", "/etc/cron.d", "/etc/cron.daily", "/etc/cron.weekly", "/var/spool/cron/crontabs",
)  # fmt: skip
NEEDRESTART = "/etc/needrestart/needrestart.conf"
_SNIPPETS = "/etc/needrestart/conf.d"
_AUTOMATIC = re.compile(r"^\s*\$nrconf\{restart\}\s*=\s*['\"](\w)['\"]", re.MULTILINE)


def observe(reader: Reader) -> Upgraders:
    packages = installed_packages(reader)
    units = reader.run(*UNITS)
    config = reader.run(*CONFIG)
    if config.rc != 0 or units.rc != 0:
        raise Unreadable(f"Nobody can tell who else upgrades this node: {(config.stderr or units.stderr).strip()}.")
    return Upgraders(
        unattended=parse_config(config.stdout),
        timer="unattended-upgrades" in packages and parse_timer(units.stdout),
        drivers=(*parse_drivers(units.stdout), *sorted(_crontabs(reader))),
        restarts="needrestart" in packages and _restarts(reader),
    )


def _crontabs(reader: Reader) -> set[str]:
    """Files of cron that begin an upgrade; those of Debian's packages apt-compat and the like are the timers' own."""
    return {path for path in reader.run(*CRON).stdout.splitlines() if not path.endswith("/apt-compat")}


def _restarts(reader: Reader) -> bool:
    snippets = [f"{_SNIPPETS}/{name}" for name in reader.names(_SNIPPETS) if name.endswith(".conf")]
    found = [mode for path in (NEEDRESTART, *snippets) for mode in _AUTOMATIC.findall(reader.read(path) or "")]
    return found[-1:] == ["a"]
