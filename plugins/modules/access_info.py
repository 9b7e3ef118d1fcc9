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

from ..module_utils.decide.access.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.access import DesiredAccess
from ..module_utils.model.access.names import ROOT
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.access import access, tfa
from ..module_utils.site.inventory.access import access_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = access.observe(reader, DesiredAccess(caller=ROOT, exclusive=frozenset(("pools",))))
    return {**describe(observed, tfa.observe(reader)), "variables": access_variables(observed.now)}


INQUIRY = Inquiry(
    name="access_info",
    argument_spec={"api": {"type": "dict", "default": {}, "options": API}},
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
