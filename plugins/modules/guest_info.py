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
  inside:
    description:
      - Ask the agent of each machine that runs for its machine-id and its SSH host key, too, so that copies show which
        were not prepared. It needs the right V(VM.GuestAgent.FileRead), on releases before 9 V(VM.Monitor).
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
duplicates:
  description:
    - What two or more guests have that only one can have - an address in a network, a MAC address, and with O(inside) a
      machine-id or an SSH host key. All guests of the cluster are looked at that are seen, except templates.
  returned: when the API was reached
  type: list
  elements: dict
  sample: [{what: MAC address, value: "BC:24:11:00:00:01", guests: [{vmid: 1201, name: web1}, {vmid: 900, name: old}]}]
not_ready:
  description: The same in a sentence for each guest.
  returned: when the API was reached
  type: list
  elements: str
  sample: ["web1 (1201) is not ready: it has the MAC address BC:24:11:00:00:01, as has old (900)."]
not_known_inside:
  description: Number of a machine that runs to why its agent does not tell.
  returned: when the API was reached
  type: dict
  sample: {"900": it has no agent}
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.guest.duplicates import duplicates, not_ready
from ..module_utils.decide.guest.info import describe
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.access.parameters import API
from ..module_utils.observe.guest.inside import observe_inside
from ..module_utils.observe.guest.machines import observe_all
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    observed = observe_all(reader)
    inside = observe_inside(reader, observed) if params["inside"] else {}
    found = duplicates(observed, inside)
    silent = {str(vmid): one.silence for vmid, one in inside.items() if one.silence}
    told = {"duplicates": found, "not_ready": not_ready(found), "not_known_inside": silent}
    return {"answered": True, **describe(observed), **told}


INQUIRY = Inquiry(
    name="guest_info",
    argument_spec={
        "api": {"type": "dict", "options": API},
        "may_be_off": {"type": "bool", "default": False},
        "inside": {"type": "bool", "default": False},
    },
    answer=answer,
    controller=True,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
