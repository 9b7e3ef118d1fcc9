#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: datacenter_info
short_description: Tell the options of the datacenter, its metric servers, and whom its notices reach
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads them over the HTTPS API, and tells them in the form that M(baremetal.virt.datacenter) takes. It runs on the
    controller. No secret is told.
extends_documentation_fragment:
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  may_be_off:
    description: That the API is not reached from the controller is an answer, too, and no failure.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.datacenter
"""

EXAMPLES = r"""
- name: Look whom notices reach
  baremetal.virt.datacenter_info:
  run_once: true
  register: datacenter_there
"""

RETURN = r"""
answered:
  description: Whether the API was reached. If not, there is nothing else, and C(msg) says why.
  returned: always
  type: bool
options:
  description: Options that are set.
  returned: when there are any
  type: dict
  sample: {keyboard: de}
metric_servers:
  description: Metric servers.
  returned: when there are any
  type: list
  elements: dict
notification_endpoints:
  description: Where notices go.
  returned: when there are any
  type: list
  elements: dict
notification_matchers:
  description: Which notices go where.
  returned: when there are any
  type: list
  elements: dict
recipients:
  description: Matcher to whom its notices reach in the end.
  returned: when the API was reached
  type: dict
  sample: {default-matcher: [root@example.net]}
problems:
  description: Notices that reach nobody, in sentences.
  returned: when the API was reached
  type: list
  elements: str
variables:
  description: The same as variables of the role datacenter, for an inventory.
  returned: when the API was reached
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.datacenter.info import describe, everything
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.datacenter.datacenter import observe
from ..module_utils.site.inventory.datacenter import datacenter_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    seen = observe(reader, everything())
    return {**describe(seen), "variables": datacenter_variables(seen)}


INQUIRY = Inquiry(
    name="datacenter_info",
    argument_spec={
        "api": {"type": "dict", "options": API},
        "may_be_off": {"type": "bool", "default": False},
    },
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
