# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the module and the role: what users may say of HA, in the words of the API, with _ for -."""

from __future__ import annotations

from typing import Any

from ..access.parameters import API

_ID: dict[str, Any] = {"type": "raw", "required": True}
_TEXT: dict[str, Any] = {"type": "str"}
_FLAG: dict[str, Any] = {"type": "bool"}
_NODES: dict[str, Any] = {"type": "dict"}
_STATE: dict[str, Any] = {"type": "str", "default": "present", "choices": ["absent", "present"]}


def _list(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": {**options, "comment": _TEXT}}


HA: dict[str, Any] = {
    "resources": _list(
        {
            "sid": _ID,
            "state": {"type": "str", "choices": ["absent", "disabled", "ignored", "present", "started", "stopped"]},
            "group": _TEXT,
            "failback": _FLAG,
            "max_restart": {"type": "int"},
            "max_relocate": {"type": "int"},
        }
    ),
    "groups": _list({"group": _ID, "state": _STATE, "nodes": _NODES, "restricted": _FLAG, "nofailback": _FLAG}),
    "rules": _list(
        {
            "rule": _ID,
            "state": _STATE,
            "type": {"type": "str", "choices": ["node-affinity", "resource-affinity"]},
            "resources": {"type": "list", "elements": "str"},
            "nodes": _NODES,
            "strict": _FLAG,
            "affinity": {"type": "str", "choices": ["negative", "positive"]},
            "disable": _FLAG,
        }
    ),
    "shutdown_policy": {"type": "str", "choices": ["conditional", "failover", "freeze", "migrate"]},
    "exclusive": {
        "type": "list",
        "elements": "str",
        "default": [],
        "choices": ["groups", "resources", "rules"],
    },
    "watchdogs": {"type": "list", "elements": "dict", "default": []},
    "api": {"type": "dict", "options": API},
}
