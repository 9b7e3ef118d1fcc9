# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A subject as one program for ``python3 -``: how a node is worked on, again and again, without an Ansible module."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from .node_program import PLUGINS, packed
from .node_program import program as assembled

_FRAME = """
from plugins.module_utils.transport.module import work
subject = import_module("plugins.modules.{name}").SUBJECT
answer = work(subject, json.loads(base64.b64decode("{params}")), {check})
"""


def program(name: str, params: Mapping[str, Any], check: bool) -> str:
    """``name``: of the subject's module. ``params``: as its argument specification has validated them."""
    given = base64.b64encode(json.dumps(params).encode()).decode()
    return assembled(_sources(name), _FRAME.format(name=name, params=given, check=check))


@cache
def _sources(name: str) -> str:
    return packed([PLUGINS / "modules" / f"{name}.py"])
