# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask FRR how it is configured, what it will begin with at its next start, and which sessions it has."""

from __future__ import annotations

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.kube.frr import PART, SAVED, ObservedSwitch, lines
from ...model.kube.switch import frr_neighbours
from .speaker import vtysh_json


def observe(reader: Reader, desired: object = None) -> ObservedSwitch:
    asked = reader.run("vtysh", "-c", "show running-config")
    if asked.rc != 0:
        raise Unreadable(f"FRR does not tell its configuration: {asked.stderr.strip()}.", "Does frr run there?")
    summary = vtysh_json(reader, "show bgp summary json")
    saved = next((text for text in map(reader.read, SAVED) if text is not None), "")
    return ObservedSwitch(
        running=frozenset(lines(asked.stdout)),
        saved=frozenset(lines(saved)),
        sessions=(*frr_neighbours(summary, "ipv4"), *frr_neighbours(summary, "ipv6")),
        left=reader.entry(PART) is not None,
    )
