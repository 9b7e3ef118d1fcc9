# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is around a node on its networks: its ports, and the servers that it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Port:
    """A network port of hardware. ``up``: it has a carrier. address: that of its interface, or of the bridge or bond
    above it."""

    name: str
    up: bool
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """Addresses of name servers, gateways and time servers. names: servers of storages that are called by a name."""

    ports: tuple[Port, ...] = ()
    dns: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
