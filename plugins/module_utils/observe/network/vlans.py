# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask other nodes in the VLANs of bridges, and answer them for a minute."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.network.vlans import Trip

#: Seconds: how long a question is repeated, and how long a node answers.
ASKED, ANSWERED = "2", "60"


def observe(reader: Reader, trips: Sequence[Trip]) -> Mapping[str, Sequence[str]]:
    """port@tag → the nodes that answered."""
    if not trips:
        return {}
    done = reader.program("vlan_echo", "ask", ASKED, *(trip.word for trip in trips))
    if done.rc != 0:
        raise Unreadable(f"Nothing could be sent into the VLANs: {done.stderr.strip()}.")
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def answer(reader: Reader, trips: Sequence[Trip]) -> None:
    ports = dict.fromkeys(trip.port for trip in trips)
    done = reader.program("vlan_echo", "start", ANSWERED, *ports) if ports else None
    if done is not None and done.rc != 0:
        raise Unreadable(f"This node cannot answer in its VLANs: {done.stderr.strip()}.")
