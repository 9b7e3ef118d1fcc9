#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_host
short_description: What a node does with its GPUs
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Prepares a node so that its GPUs serve its own programs and containers, are given to virtual machines whole, or are
    shared among them. It writes the kernel's command line for the boot loader in use, options of modules, and a unit
    that makes virtual functions at each boot, before guests start.
  - It never boots the node. That a boot is needed is noted, and the playbook C(upgrade.yml) then drains the node and
    boots it, as for an upgrade.
  - It puts down which card stands at which address. If something else stands there after a boot, and a guest names that
    address, it refuses, as Proxmox VE would give the guest whatever is there.
extends_documentation_fragment:
  - baremetal.virt.attributes
options:
  workload:
    description:
      - What all GPUs of the node are for that O(cards) does not name. Without it, those are left as they are.
      - V(container) leaves a card to programs and containers of the node, V(vm-passthrough) gives it whole to a virtual
        machine, V(vm-vgpu) shares it among several.
    type: str
    choices: [container, vm-passthrough, vm-vgpu]
  cards:
    description: What single cards are for.
    type: list
    elements: dict
    default: []
    suboptions:
      card:
        description:
          - PCI address, such as V(0000:01:00.0), or vendor and device, such as V(10de:2236), which the subsystem may
            follow after a blank. An address says more than a kind.
        type: str
        required: true
      workload:
        description: What it is for.
        type: str
        choices: [container, vm-passthrough, vm-vgpu]
        required: true
      functions:
        description: How many virtual functions it is to have. For V(vm-vgpu).
        type: int
        default: 0
  give_console:
    description: Whether the only card that shows the node's console may be given away.
    type: bool
    default: false
  new_cards:
    description: Whether the cards that stand at addresses of guests may be others than before.
    type: bool
    default: false
notes:
  - Nobody has tried this on a node with a GPU yet.
seealso:
  - module: baremetal.virt.gpu_info
"""

EXAMPLES = r"""
- name: All cards go to virtual machines
  baremetal.virt.gpu_host:
    workload: vm-passthrough

- name: One kind is shared among machines, one card is left to the node
  baremetal.virt.gpu_host:
    cards:
      - card: "10de:2236"
        workload: vm-vgpu
        functions: 16
      - card: "0000:c1:00.0"
        workload: container
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
reboot:
  description: Why the node has to be booted; empty where it has not. What a boot has not mended is a warning instead.
  returned: always
  type: list
  elements: str
gpus:
  description: Cards of which something is declared.
  returned: always
  type: list
  elements: dict
  contains:
    address:
      description: PCI address.
      type: str
    id:
      description: Vendor and device.
      type: str
    workload:
      description: What it is for.
      type: str
    in_the_way:
      description: What is not so yet, in sentences. Empty where the card is ready.
      type: list
      elements: str
steps:
  description: The same steps as in RV(plan) for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about.
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.gpu.host import decide
from ..module_utils.decide.gpu.host_desired import desired_from
from ..module_utils.engine.subject import Subject
from ..module_utils.model.gpu.gpu import WORKLOADS
from ..module_utils.observe.gpu.host import observe
from ..module_utils.transport.module import run_module
from ..module_utils.transport.programs import boot_partitions

SUBJECT = Subject(
    name="gpu_host",
    argument_spec={
        "workload": {"type": "str", "choices": list(WORKLOADS)},
        "cards": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "card": {"type": "str", "required": True},
                "workload": {"type": "str", "choices": list(WORKLOADS), "required": True},
                "functions": {"type": "int", "default": 0},
            },
        },
        "give_console": {"type": "bool", "default": False},
        "new_cards": {"type": "bool", "default": False},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    settle=15,
    programs=(boot_partitions,),
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
