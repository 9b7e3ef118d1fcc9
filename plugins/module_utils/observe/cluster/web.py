# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API what its web interface shows first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...engine.reader import NODE, Reader
from ...model.cluster.web import Guests, KnownNode, Overview

STATUS = "/cluster/status"
GUESTS = "/cluster/resources?type=vm"
VERSION = "/version"


def observe(reader: Reader) -> Overview:
    status, guests = reader.get_many((STATUS, GUESTS))
    nodes = [row for row in status if row["type"] == "node"]
    return Overview(
        tuple(sorted((_node(row) for row in nodes), key=lambda node: node.name)),
        _count([row for row in guests if not row.get("template")]),
    )


def observe_version(reader: Reader) -> str:
    """Of the daemon that answers, which may have been started before the last upgrade."""
    return str(reader.get(VERSION, NODE)["version"])


def _node(row: Mapping[str, Any]) -> KnownNode:
    return KnownNode(row["name"], row.get("ip", ""), bool(row["online"]))


def _count(guests: Iterable[Mapping[str, Any]]) -> Guests:
    states = [guest.get("status") for guest in guests]
    return Guests(len(states), states.count("running"), sum(state not in ("running", "stopped") for state in states))
