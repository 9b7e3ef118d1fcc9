#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: gpu_info
short_description: Read the GPUs of a node, what they can do, and who uses them
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Reads every GPU of a node from sysfs, and says whether it can be given to virtual machines, and what is in the way.
  - That the IOMMU is on is seen by its units and the groups of devices. The kernel's command line only explains why it
    is off.
  - Looks into the configurations of the node's guests, also for cards that are given by C(args), by a mapping, or to
    containers by files below C(/dev).
options:
  workload:
    description:
      - What the cards are judged for. V(container) leaves them to programs and containers of the node,
        V(vm-passthrough) gives a whole one to a virtual machine, V(vm-vgpu) shares one among several.
      - Without it, each card is judged for what it is there for now.
    type: str
    choices: [container, vm-passthrough, vm-vgpu]
  sysfs:
    description: Where sysfs is mounted.
    type: path
    default: /sys
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
seealso:
  - module: baremetal.virt.node_info
"""

EXAMPLES = r"""
- name: Which cards can be given to virtual machines
  baremetal.virt.gpu_info:
    workload: vm-passthrough
  register: found

- name: Show what is in the way
  ansible.builtin.debug:
    msg: "{{ found.gpus | map(attribute='reasons') | flatten | map(attribute='text') }}"
"""

RETURN = r"""
node:
  description: Name of the node.
  returned: always
  type: str
iommu:
  description: Whether the node has an IOMMU that is used.
  returned: always
  type: dict
  contains:
    "on":
      description: Whether it is on.
      type: bool
    because:
      description: Why it is not, V(kernel_parameter), V(firmware) or V(guest_without_viommu).
      type: str
    notices:
      description: What stands in the kernel's command line and does not what it seems to do.
      type: list
      elements: str
gpus:
  description: Every GPU that is no virtual function of another one.
  returned: always
  type: list
  elements: dict
  contains:
    address:
      description: PCI address.
      type: str
      sample: "0000:01:00.0"
    id:
      description: Vendor and device, in lower case.
      type: str
      sample: "10de:2236"
    subsystem_id:
      description: Vendor and device of the board.
      type: str
    driver:
      description: The driver that it is bound to.
      type: str
    iommu_group:
      description: Number of its group; none without an IOMMU.
      type: int
    numa_node:
      description: Part of the node that it is near to; V(-1) where that is not told.
      type: int
    workload:
      description: What it was judged for.
      type: str
    verdict:
      description: V(ready), or the first of C(reasons).
      type: str
    reasons:
      description: What is in the way, the gravest first, as C(code) and C(text).
      type: list
      elements: dict
    notices:
      description: What is in nobody's way, and should be known.
      type: list
      elements: str
    companions:
      description: Other functions in its slot, such as audio.
      type: list
      elements: dict
    shared_with:
      description: Other devices of its IOMMU group, without bridges.
      type: list
      elements: dict
    functions_total:
      description: How many virtual functions it can have.
      type: int
    functions:
      description: Addresses of those that it has. Only they belong into a mapping of vGPUs.
      type: list
      elements: str
    vgpu_types:
      description: Types of vGPUs that can be made now, as C(name), C(title) and C(available).
      type: list
      elements: dict
    vgpus_in_use:
      description: Addresses of the functions on which a type runs.
      type: list
      elements: str
    nvlink:
      description: Addresses of the GPUs that NVLink connects it with. None where NVIDIA's driver does not tell.
      type: list
      elements: str
    used_by:
      description: VMIDs of the guests that it is given to.
      type: list
      elements: int
    possibly_used_by:
      description: VMIDs of the guests that take a free device of a mapping that has this one, too.
      type: list
      elements: int
    console:
      description: Whether the node shows its console on it.
      type: bool
consoles:
  description: Addresses of what shows a console and is no GPU.
  returned: always
  type: list
  elements: str
nvswitches:
  description: Addresses of the NVSwitches, which connect GPUs.
  returned: always
  type: list
  elements: str
any_card:
  description: VMIDs of the guests with a file that belongs to no single card, such as C(/dev/nvidiactl).
  returned: always
  type: list
  elements: int
rights_only:
  description: VMIDs of the guests that may use cards, and are given none.
  returned: always
  type: list
  elements: int
changed_addresses:
  description: Addresses in configurations of guests at which something else stands than was put down last.
  returned: always
  type: list
  elements: str
wrong_mappings:
  description: What mappings say of this node and is not so. No guest that uses such an entry starts.
  returned: always
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils.decide.gpu import info
from ..module_utils.engine.reader import Reader
from ..module_utils.engine.subject import Inquiry
from ..module_utils.model.gpu.gpu import WORKLOADS
from ..module_utils.observe.gpu.gpu import ask_driver, observe
from ..module_utils.transport.module import run_inquiry


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    return info.answer(ask_driver(reader, observe(reader, params["sysfs"])), params["workload"])


INQUIRY = Inquiry(
    name="gpu_info",
    argument_spec={
        "workload": {"type": "str", "choices": list(WORKLOADS)},
        "sysfs": {"type": "path", "default": "/sys"},
    },
    answer=answer,
)


def main() -> None:
    run_inquiry(INQUIRY)


if __name__ == "__main__":
    main()
