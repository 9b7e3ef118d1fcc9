#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: kubevirt_gpu
short_description: Which GPUs KubeVirt gives to machines, and what nodes use theirs for
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Permits devices in the KubeVirt object, with the feature gates that its version needs, and labels nodes with the
    workload of their GPUs for NVIDIA's operator.
  - Gates and permitted devices are sets. What is there stays, what is declared is added, and a second run changes
    nothing.
  - A workload that the operator does not know is refused, as it would silently take its default. So is one for machines
    on a node that is itself a virtual machine without an IOMMU, and any change while pods have GPUs of the node.
  - Names of resources are compared with what nodes offer. A permitted one that nobody offers is told, with the one that
    is the same card.
  - It runs on the controller, over Kubernetes' API.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.kube_api
options:
  pci_devices:
    description: Whole cards, or virtual functions, that machines may have.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Vendor and device, such as V(10de:2236).
        type: raw
        required: true
      resource:
        description: How nodes offer it. By default what the plugin makes of O(pci_ids).
        type: str
      external:
        description: Whether somebody else's plugin offers it, such as the operator's.
        type: bool
        default: true
  mediated_devices:
    description: Types of vGPUs that machines may have.
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description: Its name, such as V(NVIDIA A10-12Q).
        type: raw
        required: true
      resource:
        description: How nodes offer it. By default its name, with underscores.
        type: str
      external:
        description: Whether somebody else's plugin offers it.
        type: bool
        default: true
  workloads:
    description:
      - What the GPUs of a node are for, V(container), V(vm-passthrough) or V(vm-vgpu), by the name of the node.
      - A node that is not named keeps its label.
    type: dict
    default: {}
  host_devices:
    description: Whether machines may name devices under C(hostDevices), too.
    type: bool
    default: false
  leave_mediated:
    description: Whether KubeVirt leaves it to the operator to make mediated devices.
    type: bool
    default: true
  pci_ids:
    description: The list C(pci.ids) of the device plugin, its content. Only with it the names are compared.
    type: str
  plugin:
    description: When the device plugin was built; it has made its names in three ways.
    type: str
    choices: [since_2023_06, from_2022_01, before_2022_01]
    default: since_2023_06
requirements:
  - kubernetes, on the controller
"""

EXAMPLES = r"""
- name: Machines may have an A10, or a half of one
  baremetal.virt.kubevirt_gpu:
    kubeconfig: ~/.kube/config
    pci_devices:
      - id: "10de:2236"
        resource: nvidia.com/GA102GL_A10
    mediated_devices:
      - type: NVIDIA A10-12Q
    workloads:
      gpu1: vm-passthrough
      gpu2: vm-vgpu
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: ['tell KubeVirt: feature gates GPU; permitted nvidia.com/GA102GL_A10']
nodes:
  description: Nodes with GPUs, or with a workload.
  returned: always
  type: list
  elements: dict
  contains:
    node:
      description: Its name.
      type: str
    workload:
      description: The label that it had.
      type: str
    offered:
      description: How many of each resource it has.
      type: dict
    users:
      description: The pods that have some, by resource. What is left is not what the node calls allocatable.
      type: dict
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
      description: Whether something is destroyed that cannot be had back.
      type: bool
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
"""

from typing import Any

from ..module_utils.decide.gpu.kubevirt import decide
from ..module_utils.decide.gpu.kubevirt_desired import desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.gpu.names import AGES
from ..module_utils.model.kube.parameters import KUBERNETES
from ..module_utils.observe.gpu.kubevirt import observe
from ..module_utils.transport.module import run_module

_EXTERNAL: dict[str, Any] = {"type": "bool", "default": True}
_OFFERED: dict[str, Any] = {"resource": {"type": "str"}, "external": _EXTERNAL}
_PCI: dict[str, Any] = {"id": {"type": "raw", "required": True}, **_OFFERED}
_MEDIATED: dict[str, Any] = {"type": {"type": "raw", "required": True}, **_OFFERED}
SUBJECT = Subject(
    name="kubevirt_gpu",
    argument_spec={
        **KUBERNETES,
        "pci_devices": {"type": "list", "elements": "dict", "default": [], "options": _PCI},
        "mediated_devices": {"type": "list", "elements": "dict", "default": [], "options": _MEDIATED},
        "workloads": {"type": "dict", "default": {}},
        "host_devices": {"type": "bool", "default": False},
        "leave_mediated": {"type": "bool", "default": True},
        "pci_ids": {"type": "str"},
        "plugin": {"type": "str", "choices": list(AGES), "default": "since_2023_06"},
    },
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    settle=15,
    controller=True,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
