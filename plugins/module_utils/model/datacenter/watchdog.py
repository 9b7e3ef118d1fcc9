# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The watchdog that fences a node: which driver is to be used, and which one was opened in this boot.

Upstream: pve-ha-manager, watchdog-mux.c, and its default file. The setting says what the next boot will try; that it
has come to something, only the line with the driver's own name says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

FILE = "/etc/default/pve-ha-manager"
#: What is taken where the file names none.
SOFTDOG = "softdog"
MODULE = re.compile(r"[a-zA-Z0-9_]+")
_SET = re.compile(r"(?m)^[ \t]*WATCHDOG_MODULE=[\"']?([^\"'\s]*)[\"']?[ \t]*$")
_DRIVER = re.compile(r"(?m)^Watchdog driver '([^'\n]+)', version \S+")
#: How drivers call themselves, of those that are not told from their name.
_SOFTWARE = "Software Watchdog"


@dataclass(frozen=True)
class ObservedWatchdog:
    """``text``: of the default file; None where the HA manager is not installed. driver: "" where none was opened."""

    node: str
    text: Optional[str] = None
    driver: str = ""

    @property
    def module(self) -> str:
        """The last assignment counts."""
        return module_of(self.text or "")

    @property
    def is_other(self) -> bool:
        """The driver of this boot is not that of the setting, as far as that is to be known from its name."""
        return bool(self.driver) and (self.module == SOFTDOG) != (self.driver == _SOFTWARE)


def module_of(text: str) -> str:
    found = _SET.findall(text)
    return (found[-1] if found else "") or SOFTDOG


def driver_of(log: str) -> str:
    """The last one that watchdog-mux has opened."""
    found = _DRIVER.findall(log)
    return str(found[-1]) if found else ""


def with_module(text: str, module: str) -> str:
    """The file with this setting, and everything else as it was."""
    kept = _SET.sub("", text)
    lines = [line for line, before in zip(kept.split("\n"), text.split("\n")) if line or not before]
    body = "\n".join(lines).rstrip("\n")
    return f"{body}\nWATCHDOG_MODULE={module}\n" if body else f"WATCHDOG_MODULE={module}\n"
