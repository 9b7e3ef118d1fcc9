# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which watchdog a node is to use, and which one it has opened since it was started."""

from __future__ import annotations

from ...engine.reader import Reader, recorded
from ...model.datacenter.watchdog import FILE, ObservedWatchdog, driver_of
from ..node import host

_LOG = ("journalctl", "--boot", "--unit=watchdog-mux", "--output=cat", "--no-pager")
_RESOURCES = "/etc/pve/ha/resources.cfg"


@recorded
def observe(reader: Reader, desired: object = None) -> ObservedWatchdog:
    """The log costs a process on every node: it is read where HA manages anything, or somebody asks for it."""
    text = reader.read(FILE)
    node = host.observe(reader).name
    if text is None or (desired is None and not reader.read(_RESOURCES)):
        return ObservedWatchdog(node, text)
    return ObservedWatchdog(node, text, driver_of(reader.run(*_LOG).stdout))
