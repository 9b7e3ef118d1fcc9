# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Types of NVIDIA's vGPUs, how many of each a card has, and configurations of NVIDIA's device manager.

Upstream: NVIDIA/vgpu-device-manager, its specification and its examples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .kubevirt import KubeNode

CONFIG_LABEL = "nvidia.com/vgpu.config"
STATE_LABEL = "nvidia.com/vgpu.config.state"
#: The only key of the ConfigMap that the device manager reads.
CONFIG_KEY = "config.yaml"
_TYPE = re.compile(r"(?P<board>[A-Z0-9]+(?:-[A-Z][a-z]+)?)-(?:(?P<slices>\d+)-)?(?P<size>\d+)(?P<series>[ABCQ])")
#: No card has more of any type.
_MOST = 32
_OF_16 = (1, 2, 4, 8, 16)
_OF_24 = (1, 2, 3, 4, 6, 8, 12, 24)
_OF_32 = (*_OF_16, 32)
_OF_48 = (1, 2, 3, 4, 6, 8, 12, 16, 24, 48)
_OF_80 = (4, 5, 8, 10, 16, 20, 40, 80)
_OF_94 = (4, 6, 11, 15, 23, 47, 94)
#: Board → framebuffer in GB, and the sizes that it is divided into.
BOARDS: Mapping[str, tuple[int, tuple[int, ...]]] = {
    **dict.fromkeys(("T4", "V100", "V100X", "A2", "A16"), (16, _OF_16)),
    **dict.fromkeys(("V100D", "V100S"), (32, _OF_32)),
    **dict.fromkeys(("A10", "L4", "L2", "RTXA5000"), (24, _OF_24)),
    **dict.fromkeys(("A40", "L40", "L40S", "L20", "RTXA6000", "RTX6000-Ada"), (48, _OF_48)),
    "A30": (24, (4, 6, 8, 12, 24)),
    "A100": (40, (4, 5, 8, 10, 20, 40)),
    "A100D": (80, (4, 8, 10, 16, 20, 40, 80)),
    **dict.fromkeys(("H100", "H100XM"), (80, _OF_80)),
    **dict.fromkeys(("H100L", "H100XL"), (94, _OF_94)),
    "H200": (141, (4, 7, 8, 14, 17, 28, 35, 70, 141)),
}
#: Fewer than the framebuffer would have room for.
_FEWER: Mapping[tuple[str, int], int] = {("H200", 8): 16}
#: Boards that compute, and have no types for screens.
COMPUTES = ("A30", "A100", "A100D", "H100", "H100XM", "H100L", "H100XL", "H200")
#: Types on a part of a card that is divided by itself (MIG) → how many.
DIVIDED: Mapping[str, int] = {"A100-1-5C": 7, "H100-1-10C": 7}


@dataclass(frozen=True)
class VgpuKind:
    """``size``: of its framebuffer, in GB. most: how many a card has. divided: of a part of a card (MIG)."""

    name: str
    board: str
    size: int
    most: int
    divided: bool = False


def kind_of(name: str) -> Optional[VgpuKind]:
    """None of a type that no table has."""
    found = _TYPE.fullmatch(name)
    if found is None:
        return None
    board, size = found["board"], int(found["size"])
    if found["slices"]:
        return VgpuKind(name, board, size, DIVIDED[name], divided=True) if name in DIVIDED else None
    memory, sizes = BOARDS.get(board, (0, ()))
    if size not in sizes or (board in COMPUTES) != (found["series"] == "C") and board in COMPUTES:
        return None
    return VgpuKind(name, board, size, _FEWER.get((board, size), min(memory // size, _MOST)))


@dataclass(frozen=True)
class VgpuPart:
    """``devices``: indexes of cards; None for all. types: type → how many of each card."""

    devices: Optional[tuple[int, ...]]
    types: Mapping[str, int]


@dataclass(frozen=True)
class VgpuNode:
    """``gpus``: how many cards the node has, as nobody in Kubernetes knows that before."""

    config: str
    gpus: int


@dataclass(frozen=True)
class DesiredVgpus:
    namespace: str
    config_map: str
    configs: Mapping[str, tuple[VgpuPart, ...]]
    nodes: Mapping[str, VgpuNode]
    timeout: int = 600

    def expected(self, node: VgpuNode) -> dict[str, int]:
        """Type → how many the node then has."""
        found: dict[str, int] = {}
        for part in self.configs[node.config]:
            cards = node.gpus if part.devices is None else len(part.devices)
            for name, count in part.types.items():
                found[name] = found.get(name, 0) + count * cards
        return found


@dataclass(frozen=True)
class ObservedVgpus:
    """``text``: what the ConfigMap has; None where there is none. nodes: as they are now."""

    text: Optional[str] = None
    there: bool = False
    nodes: Mapping[str, KubeNode] = field(default_factory=dict)
