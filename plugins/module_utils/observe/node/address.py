# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The addresses of a node; what others use to reach a service of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.reader import Reader
from . import host


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the module ``node_address_info`` returns; it has no parameters."""
    here = host.observe(reader)
    return {"node": here.name, "addresses": [f"{found.ip}/{found.prefix}" for found in here.usable]}
