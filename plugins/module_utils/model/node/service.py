# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The services of a node on which others wait."""

from __future__ import annotations

from dataclasses import dataclass

#: In the order in which one needs the other.
WATCHED = (
    "pve-cluster",
    "corosync",
    "pvedaemon",
    "pveproxy",
    "pvestatd",
    "pve-ha-lrm",
    "pve-ha-crm",
    "watchdog-mux",
    "chrony",
)


@dataclass(frozen=True)
class Service:
    """``state``: systemd's word (active, inactive, failed, ...)."""

    name: str
    state: str

    @property
    def runs(self) -> bool:
        return self.state in ("active", "reloading", "activating")
