# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By what a guest is known to be ours: one line of its description.

It names the guest's own number and name, so that a copy which somebody makes by hand is not taken for the guest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

_BEGIN = "baremetal.virt: "
_LINE = re.compile(rf"(?m)^{re.escape(_BEGIN)}(?P<words>.*\S)\s*$")
KEY = re.compile(r"[a-z][a-z_]*")
VALUE = re.compile(r"[^\s,=]+")
#: Fields that the guest itself gives.
OWN = ("vmid", "name")


@dataclass(frozen=True)
class Mark:
    """``fields``: what whoever declared the guest has to say of it, such as its owner."""

    vmid: int
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = (f"{key}={value}" for key, value in sorted(self.fields.items()))
        return _BEGIN + " ".join([f"vmid={self.vmid}", f"name={self.name}", *said])


def parse_mark(description: str) -> Optional[Mark]:
    """None where there is none, or none that this collection can have written."""
    lines = _LINE.findall(description)
    if len(lines) != 1:
        return None
    words = dict(word.partition("=")[::2] for word in lines[0].split())
    vmid, name = words.pop("vmid", ""), words.pop("name", "")
    return Mark(int(vmid), name, words) if vmid.isdecimal() and name else None


def without_mark(description: str) -> str:
    """What people have written there."""
    return "\n".join(line.rstrip() for line in _LINE.sub("", description).strip().splitlines())


def with_mark(text: str, mark: Mark) -> str:
    return f"{text.strip()}\n\n{mark}" if text.strip() else str(mark)
