#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.access.preflight import answer_preflight, asked_from, known_needs
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API, AUTOMATION, NEED
from ..module_utils.observe.access.access import observe_rights
from ..module_utils.observe.access.release import observe as observe_release
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = asked_from(params)
    needs = known_needs(asked.needs, observe_release(reader))
    shown = observe_rights(reader, {need.path for need in needs}, asked.who)
    return answer_preflight(shown, needs, asked.who, params["required"])


INQUIRY = Inquiry(
    name="access_permission_info",
    argument_spec={
        "userid": {"type": "str"},
        "needs": {"type": "list", "elements": "dict", "default": [], "options": NEED},
        "automation": {"type": "dict", "options": AUTOMATION},
        "required": {"type": "bool", "default": True},
        "api": {"type": "dict", "default": {}, "options": API},
    },
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
