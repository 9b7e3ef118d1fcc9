# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which VLANs are to be tried from node to node: those that bridges of one name have on several nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...model.network.meaning import numbers
from ...model.network.vlans import Trip

#: Of a bridge that lets more VLANs through than these, nobody has named each: only those of guests are tried.
MOST = 100


def trips_of(shown: Sequence[Mapping[str, Any]], host: str) -> tuple[Trip, ...]:
    """shown: what ``network_info`` returned on each host. A node answers by the name that it gives itself."""
    bridges = {one["node"]: _bridges(one) for one in shown}
    node = next(one["node"] for one in shown if one["host"] == host)
    guests = {(use["interface"], use["tag"]) for one in shown for use in one["uses"] if "tag" in use}
    return tuple(
        Trip(name, port, tag, others)
        for name, (ports, own) in bridges[node].items()
        for tag in _tried(name, own, guests)
        for others in [
            tuple(other for other in bridges if other != node and tag in bridges[other].get(name, ((), ()))[1])
        ]
        for port in ports
        if others
    )


def _bridges(one: Mapping[str, Any]) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    """name → ports and VLANs, of those that filter VLANs."""
    return {
        bridge["name"]: (tuple(bridge["ports"]), numbers(bridge["vids"]))
        for bridge in one["interfaces"]
        if bridge["type"] == "bridge" and bridge.get("vlan_aware") and bridge["ports"]
    }


def _tried(name: str, own: Sequence[int], guests: set[tuple[str, int]]) -> tuple[int, ...]:
    return tuple(tag for tag in own if len(own) <= MOST or (name, tag) in guests)


def not_answered(node: str, trips: Sequence[Trip], answers: Mapping[str, Sequence[str]]) -> list[str]:
    """answers: port@tag → nodes. By one of its ports a bridge reaches the others."""
    found: dict[tuple[str, int, str], bool] = {}
    for trip in trips:
        for other in trip.peers:
            key = (trip.bridge, trip.tag, other)
            found[key] = found.get(key, False) or other in answers.get(trip.word, ())
    return [
        f"VLAN {tag} does not get from {bridge} of {node} to {bridge} of {other} and back."
        for (bridge, tag, other), answered in found.items()
        if not answered
    ]
