# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted mappings; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.gpu.mapping import DesiredMapping, DesiredMappings
from ..access import given
from ..access.caller import caller_from

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]+")
_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")


def desired_from(params: Mapping[str, Any]) -> DesiredMappings:
    mappings = tuple(map(_mapping, params["mappings"]))
    given.once("mapping", (one.name for one in mappings))
    return DesiredMappings(mappings, caller_from(params))


def _mapping(said: Mapping[str, Any]) -> DesiredMapping:
    hint = "Two or more letters, digits, '_' and '-', beginning with a letter."
    name = given.named("A mapping", said["name"], _NAME, hint)
    if said["state"] == "absent":
        return DesiredMapping(name, absent=True)
    if said["card"] is None:
        raise Invalid(f"The mapping {name} lacks card.", "Say vendor:device of its devices, such as '10de:2236'.")
    words = given.text(f"The mapping {name}: card", said["card"]).lower().split()
    if not words or len(words) > 2 or not all(_ID.fullmatch(word) for word in words):
        hint = "Say vendor:device, such as '10de:2236', and that of the board after a blank, if it matters."
        raise Invalid(f"The mapping {name}: {said['card']!r} names no kind of card.", hint)
    if said["live_migration"] and not said["vgpu"]:
        raise Invalid(
            f"The mapping {name}: a whole card cannot move with a machine that runs.", "Say vgpu, or neither."
        )
    return DesiredMapping(
        name,
        words[0],
        words[1] if len(words) > 1 else "",
        said["vgpu"],
        frozenset(said["nodes"]),
        said["whole"],
        said["live_migration"],
        said["description"],
    )
