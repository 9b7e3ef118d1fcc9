# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask NVIDIA's driver what sysfs does not have. Where no card is bound to it, nobody is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional

from ...engine.reader import Reader
from ...model.gpu.pci import Nvml, full_address

INDEX = ("nvidia-smi", "--query-gpu=index,pci.bus_id", "--format=csv,noheader")
TOPOLOGY = ("nvidia-smi", "topo", "-m")
TYPES = ("nvidia-smi", "vgpu", "-s")


def observe(reader: Reader) -> Optional[Nvml]:
    """None where it does not answer."""
    listed = reader.run(*INDEX)
    if listed.rc != 0:
        return None
    index = parse_index(listed.stdout)
    topology = reader.run(*TOPOLOGY)
    types = reader.run(*TYPES)
    return Nvml(
        links=parse_topology(topology.stdout, index) if topology.rc == 0 else {},
        types=parse_types(types.stdout) if types.rc == 0 else {},
    )


def parse_index(text: str) -> dict[str, str]:
    """``GPU0`` → address. NVIDIA writes the domain with eight digits."""
    rows = (line.split(",") for line in text.splitlines() if "," in line)
    return {f"GPU{number.strip()}": full_address(address) or "" for number, address in rows}


def parse_topology(text: str, index: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Rows and columns of a matrix; a cell ``NV18`` are eighteen links."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    heading = [word for word in lines[0] if re.fullmatch(r"GPU\d+", word)] if lines else []
    found = {}
    for row in lines[1:]:
        if row[0] in index:
            linked = [name for name, cell in zip(heading, row[1:]) if re.fullmatch(r"NV\d+", cell)]
            found[index[row[0]]] = tuple(index[name] for name in linked if name in index)
    return found


def parse_types(text: str) -> dict[str, tuple[str, ...]]:
    """A line for each GPU, and one below it for each type that it supports."""
    found: dict[str, tuple[str, ...]] = {}
    address = ""
    for line in text.splitlines():
        heading = re.match(r"GPU\s+([0-9a-fA-F:.]+)", line)
        if heading:
            address = full_address(heading[1]) or ""
        elif address and line.strip():
            found[address] = (*found.get(address, ()), line.strip())
    return found
