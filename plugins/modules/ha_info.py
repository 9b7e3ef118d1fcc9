#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ha_info
short_description: Tell what the HA manager is in charge of, and whether it is
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads HA resources, groups and rules over the HTTPS API, and tells them in the form that M(baremetal.virt.ha) takes.
    It runs on the controller.
extends_documentation_fragment:
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  may_be_off:
    description:
      - That the API is not reached from the controller is an answer, too, and no failure.
    type: bool
    default: false
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
"""

EXAMPLES = r"""
- name: Look what HA is in charge of
  baremetal.virt.ha_info:
  run_once: true
  register: ha_there

- name: Show what it does not do
  ansible.builtin.debug:
    var: ha_there.problems
"""

RETURN = r"""
answered:
  description: Whether the API was reached. If not, there is nothing else, and C(msg) says why.
  returned: always
  type: bool
release:
  description: The release of Proxmox VE; nothing where it is not installed.
  returned: always
  type: str
  sample: "9"
armed:
  description: The word of the HA manager for whether it acts; nothing before Proxmox VE 9.2.
  returned: always
  type: str
  sample: armed
services:
  description: The state of each resource, as the HA manager tells it.
  returned: always
  type: dict
  sample: {'vm:100': started}
problems:
  description: What HA does not do. That it is disarmed, resources in nobody's charge, rules that it passes over.
  returned: always
  type: list
  elements: str
resources:
  description: Resources, without their states.
  returned: when there are any
  type: list
  elements: dict
  sample: [{sid: 'vm:100', max_relocate: 2}]
groups:
  description: Groups of Proxmox VE 8.
  returned: when there are any
  type: list
  elements: dict
  sample: [{group: web, nodes: {pve1: 2, pve2: 1}}]
rules:
  description: Rules of Proxmox VE 9.
  returned: when there are any
  type: list
  elements: dict
  sample: [{rule: apart, type: resource-affinity, affinity: negative, resources: ['vm:100', 'vm:101']}]
shutdown_policy:
  description: What becomes of resources when their node shuts down.
  returned: when it is set
  type: str
  sample: migrate
variables:
  description: The same as variables of the role P(baremetal.virt.ha#role).
  returned: always
  type: dict
  sample: {ha_resources: [{sid: 'vm:100'}]}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.access.caller import caller_from
from ..module_utils.decide.datacenter.ha_info import describe, everything
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.datacenter.ha import observe
from ..module_utils.site.inventory.datacenter import ha_variables
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe(reader, everything(caller_from(params)))
    return {"answered": True, **describe(observed), "variables": ha_variables(observed)}


INQUIRY = Inquiry(
    name="ha_info",
    argument_spec={"api": {"type": "dict", "options": API}, "may_be_off": {"type": "bool", "default": False}},
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
