#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: guest_info
short_description: Tell which guests a cluster has, and whose they are
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads all virtual machines and containers over the HTTPS API. Those with a mark of this collection are told in the
    form that M(baremetal.virt.guest_vm) and M(baremetal.virt.guest_container) take. It runs on the controller.
  - Secrets, and what a guest was made from, are not told.
extends_documentation_fragment:
  - baremetal.virt.guest_api
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
- name: Look which guests there are
  baremetal.virt.guest_info:
  run_once: true
  register: there

- name: Show those that wait for a start
  ansible.builtin.debug:
    var: there.guests | selectattr('pending')
"""

RETURN = r"""
answered:
  description: Whether the API was reached. If not, there is nothing else, and C(msg) says why.
  returned: always
  type: bool
guests:
  description:
    - All guests whose configuration could be read. C(ours) is whether number, name and mark agree, C(pending) what
      waits for the next start, C(unused) volumes that are detached.
  returned: when the API was reached
  type: list
  elements: dict
  sample: [{vmid: 1201, kind: qemu, name: web1, node: pve1, status: running, ours: true, mark: {owner: ann}}]
not_seen:
  description: Guests that nobody can tell of now, and why.
  returned: when the API was reached
  type: list
  elements: dict
  sample: [{vmid: 1203, reason: "pve2 is off, or does not tell"}]
vms:
  description: Machines that are ours, as they are declared.
  returned: when the API was reached
  type: list
  elements: dict
  sample: [{vmid: 1201, name: web1, memory: 2048, running: true}]
containers:
  description: Containers that are ours, as they are declared.
  returned: when the API was reached
  type: list
  elements: dict
  sample: [{vmid: 1401, name: dns1, memory: 512, running: true}]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.guest.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.guest.machines import observe_all
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"answered": True, **describe(observe_all(reader))}


INQUIRY = Inquiry(
    name="guest_info",
    argument_spec={"api": {"type": "dict", "options": API}, "may_be_off": {"type": "bool", "default": False}},
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
