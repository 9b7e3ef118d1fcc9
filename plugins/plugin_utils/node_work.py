# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A subject or an inquiry as one program (``node_program``): a node answers without the cost of an Ansible module."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from .node_program import PLUGINS, packed
from .node_program import program as assembled

_WORK = """
from plugins.module_utils.transport.module import work
subject = import_module("plugins.modules.{name}").SUBJECT
answer = work(subject, json.loads(base64.b64decode("{params}")), {check})
"""
_ANSWER = """
from plugins.module_utils.transport.module import respond
inquiry = import_module("plugins.modules.{name}").INQUIRY
answer = respond(inquiry, json.loads(base64.b64decode("{params}")))
"""


def program(name: str, params: Mapping[str, Any], check: bool) -> str:
    """``name``: of the subject's module. ``params``: as its argument specification has validated them."""
    return assembled(_sources(name), _WORK.format(name=name, params=_given(params), check=check))


def question(name: str, params: Mapping[str, Any]) -> str:
    """``name``: of the inquiry's module."""
    return assembled(_sources(name), _ANSWER.format(name=name, params=_given(params)))


def _given(params: Mapping[str, Any]) -> str:
    return base64.b64encode(json.dumps(params).encode()).decode()


@cache
def _sources(name: str) -> str:
    return packed([PLUGINS / "modules" / f"{name}.py"])
