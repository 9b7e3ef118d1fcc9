# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read where a node has its time from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.datacenter.chrony import (
    CONF,
    OTHERS,
    PACKAGE,
    SOURCES,
    TRACKING,
    DesiredChrony,
    ObservedChrony,
    parse_tracking,
)
from ..debian.packages import installed_packages
from ..node import host

ACTIVE = ("systemctl", "is-active", *OTHERS)


def observe(reader: Reader, desired: DesiredChrony) -> ObservedChrony:
    installed = PACKAGE in installed_packages(reader)
    states = reader.run(*ACTIVE).stdout.split()
    return ObservedChrony(
        host.observe(reader).name,
        installed,
        reader.read(SOURCES),
        reader.read(CONF),
        parse_tracking(reader.run(*TRACKING).stdout) if installed else None,
        tuple(name for name, state in zip(OTHERS, states) if state == "active"),
    )


@recorded
def observe_where_declared(reader: Reader) -> Optional[tuple[Optional[str], bool, tuple[str, ...]]]:
    """What the subject will ask of a node that has had its sources from it. Offsets change all the time."""
    if reader.read(SOURCES) is None:
        return None
    seen = observe(reader, DesiredChrony())
    known = seen.tracking is not None and seen.tracking.synchronised(local=seen.conf is not None)
    return seen.conf, known, seen.others


def observe_clocks(reader: Reader, peers: Mapping[str, str]) -> dict[str, Optional[float]]:
    """``peers``: who → address. Seconds by which their clocks are ahead, as their web servers tell; None: unknown."""
    return {name: reader.clock(f"{address}:8006") for name, address in peers.items()}
