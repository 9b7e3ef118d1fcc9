# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted configurations of vGPUs, held against what the cards can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...engine.errors import Invalid
from ...model.gpu.vgpu import BOARDS, DesiredVgpus, VgpuKind, VgpuNode, VgpuPart, kind_of
from ..access import given


def desired_from(params: Mapping[str, Any]) -> DesiredVgpus:
    given.once("configuration", (one["name"] for one in params["configs"]))
    given.once("node", (one["node"] for one in params["nodes"]))
    configs = {one["name"]: tuple(map(_part, one["parts"])) for one in params["configs"]}
    problems = [
        f"{name}: {problem}"
        for name, parts in configs.items()
        for part in parts
        for problem in _problems(part, params["allow_mig"])
    ]
    problems += [f"{name}: two parts name the same card." for name, parts in configs.items() if _meet(parts)]
    nodes = {one["node"]: VgpuNode(one["config"], one["gpus"]) for one in params["nodes"]}
    problems += [
        f"{node} has no configuration {one.config}." for node, one in nodes.items() if one.config not in configs
    ]
    problems += [
        f"{node} has {one.gpus} cards, and {one.config} names the card {index}."
        for node, one in nodes.items()
        for part in configs.get(one.config, ())
        for index in part.devices or ()
        if index >= one.gpus
    ]
    if problems:
        raise Invalid(" ".join(problems), "Nothing was done.")
    return DesiredVgpus(params["namespace"], params["config_map"], configs, nodes, params["timeout"])


def _part(said: Mapping[str, Any]) -> VgpuPart:
    devices = None if said["devices"] is None else tuple(said["devices"])
    return VgpuPart(devices, {str(name): int(count) for name, count in said["types"].items()})


def _meet(parts: Sequence[VgpuPart]) -> bool:
    named = [index for part in parts for index in part.devices or ()]
    return len(set(named)) < len(named) or (len(parts) > 1 and any(part.devices is None for part in parts))


def _problems(part: VgpuPart, allow_mig: bool) -> Iterator[str]:
    """Too many end in a part of them made, and the old ones gone: the manager finds that out too late."""
    kinds = {name: kind_of(name) for name in part.types}
    if not kinds:
        yield "a part has no types."
    for name, kind in kinds.items():
        if kind is None:
            yield f"{name} is no type that is known; boards are {', '.join(BOARDS)}."
        elif kind.divided and not allow_mig:
            yield f"{name} needs a card that is divided by MIG, which the operator before 25.3 does not do: allow_mig."
    known = [kind for kind in kinds.values() if kind is not None]
    if len(known) == len(kinds) and known:
        yield from _together(part, known)


def _together(part: VgpuPart, kinds: list[VgpuKind]) -> Iterator[str]:
    if len({(kind.board, kind.size) for kind in kinds}) > 1:
        yield f"{' and '.join(part.types)} cannot be on one card: all of a card have one size."
        return
    count = sum(part.types.values())
    if min(part.types.values()) < 1:
        yield f"{' and '.join(part.types)}: say how many."
    elif count > kinds[0].most:
        yield f"a card has {kinds[0].most} of {' and '.join(part.types)}, and not {count}."
