# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How NVIDIA's device plugin for KubeVirt calls a card: a name that it makes of its list pci.ids, by its age.

Upstream: NVIDIA/kubevirt-gpu-device-plugin, device_plugin.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from .pci import NVIDIA

#: When the plugin was built: since June 2023, from January 2022, or before.
Age = Literal["since_2023_06", "from_2022_01", "before_2022_01"]
AGES: tuple[Age, ...] = ("since_2023_06", "from_2022_01", "before_2022_01")
PREFIX = "nvidia.com/"


def resource_name(device: str, pci_ids: str, age: Age) -> str:
    """``device``: four hexadecimal digits. One that is not in the list is called by its number.

    Until June 2023 the first line of the whole list with this number gave the name, whoever made that device.
    """
    lines = _of_nvidia(pci_ids) if age == "since_2023_06" else pci_ids.splitlines()
    found = next((line for line in lines if re.match(rf"\t{re.escape(device)}\s", line)), None)
    if found is None:
        return device
    title = found.strip().partition(" ")[2].strip()
    written = title if age == "before_2022_01" else title.upper()
    joined = re.sub(r"[/.\s]", "_", written)
    return re.sub(r"[^A-Za-z0-9_]", "", joined)


def _of_nvidia(pci_ids: str) -> Iterator[str]:
    inside = False
    for line in pci_ids.splitlines():
        if re.match(r"[0-9a-f]{4}\s", line):
            inside = line.startswith(NVIDIA)
        elif inside:
            yield line


def same_card(one: str, other: str) -> bool:
    """Names that only differ in their letters' case."""
    return one != other and one.lower() == other.lower()


def pairs(permitted: Iterable[str], offered: Iterable[str]) -> list[tuple[str, str]]:
    """A permitted name that nobody offers, and an offered one that nobody permits, of one card."""
    known = list(offered)
    return [(one, other) for one in permitted for other in known if same_card(one, other)]
