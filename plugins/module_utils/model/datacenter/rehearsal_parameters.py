# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of a rehearsal, and of the question how it went."""

from __future__ import annotations

from typing import Any

from ..access.parameters import API

_WHO: dict[str, Any] = {
    "guest": {"type": "int", "required": True},
    "copy": {"type": "int", "required": True},
    "api": {"type": "dict", "options": API},
}
REHEARSAL: dict[str, Any] = {
    **_WHO,
    "state": {"type": "str", "choices": ["absent", "booted"], "default": "booted"},
    "source": {"type": "str"},
    "storage": {"type": "str"},
}
ASKED: dict[str, Any] = {
    **_WHO,
    "left_out": {"type": "list", "elements": "str", "default": []},
    "ask": {"type": "str", "choices": ["agent", "running"], "default": "agent"},
    "timeout": {"type": "int", "default": 300},
}
